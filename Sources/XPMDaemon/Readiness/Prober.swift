import Glibc
import NIOCore
import NIOHTTP1
import NIOPosix
import XPMProtocol

/// Makes single probes of one service, each within its time.
struct Prober {
    let loop: any EventLoop
    let commands: AuxiliaryCommands
    /// Where and with what environment commands run.
    let setting: CommandSetting

    /// Begins a probe; `done` is called once, later, with nil or with why it failed. Not after it was cancelled.
    func probe(_ plan: ProbePlan, url: String?, within time: Duration, done: @escaping (String?) -> Void) -> ProbeRun {
        let run = ProbeRun(done: done)
        run.deadline = loop.assumeIsolated().scheduleTask(in: TimeAmount(time)) {
            run.finish("no answer within \(time.text)")
        }
        switch plan {
        case .tcp(let host, let port):
            connect(run) { $0.connect(host: host, port: port) }
        case .unix(let path):
            connect(run) { bootstrap in
                do {
                    return bootstrap.withConnectedSocket(try UnixStream.connect(path))
                } catch {
                    return loop.makeFailedFuture(error)
                }
            }
        case .page(let own, let path, let status):
            guard let target = (own ?? url).flatMap(ProbeTarget.init)?.with(path: path) else {
                run.later(loop, "its http:// URL is not known")
                break
            }
            ask(target, status, run)
        case .command(let arguments):
            run.command = commands.run(arguments, setting.with(url: url), output: "/dev/null", within: time) {
                run.finish($0.fault)
            }
        }
        return run
    }

    private func connect(_ run: ProbeRun, _ attempt: (ClientBootstrap) -> EventLoopFuture<any Channel>) {
        attempt(ClientBootstrap(group: loop)).assumeIsolated().whenComplete { result in
            switch result {
            case .success(let channel):
                channel.close(promise: nil)
                run.finish(nil)
            case .failure(let error): run.finish(Self.explained(error))
            }
        }
    }

    private func ask(_ target: ProbeTarget, _ accepted: Set<Int>?, _ run: ProbeRun) {
        let answer = loop.makePromise(of: Int.self)
        ClientBootstrap(group: loop)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHTTPClientHandlers()
                    try channel.pipeline.syncOperations.addHandler(PageRequest(target: target, answer: answer))
                }
            }
            .connect(host: target.host, port: target.port)
            .assumeIsolated()
            .whenComplete { result in
                switch result {
                case .success(let channel) where run.isOver: channel.close(promise: nil)
                case .success(let channel): run.channel = channel
                case .failure(let error): answer.fail(error)
                }
            }
        answer.futureResult.assumeIsolated().whenComplete { result in
            switch result {
            case .success(let code) where accepted?.contains(code) ?? (200..<400).contains(code): run.finish(nil)
            case .success(let code): run.finish("it answered with status \(code)")
            case .failure(let error): run.finish(Self.explained(error))
            }
        }
    }

    /// A short reason out of NIO's errors.
    private static func explained(_ error: any Error) -> String {
        switch error {
        case let error as NIOConnectionError: error.connectionErrors.first.map { explained($0.error) } ?? "unknown host"
        case let error as IOError: String(cString: strerror(error.errnoCode))
        case ChannelError.eof: "it closed the connection without an answer"
        case is HTTPParserError: "its answer is no HTTP"
        default: "\(error)"
        }
    }
}

/// One probe under way.
final class ProbeRun {
    private var done: ((String?) -> Void)?
    var deadline: Scheduled<Void>?
    var channel: (any Channel)?
    var command: AuxiliaryCommands.Run?

    init(done: @escaping (String?) -> Void) { self.done = done }

    var isOver: Bool { done == nil }

    func cancel() {
        done = nil
        release()
    }

    fileprivate func finish(_ fault: String?) {
        guard let done else { return }
        self.done = nil
        release()
        done(fault)
    }

    /// Never before the caller has the run in its hands.
    fileprivate func later(_ loop: any EventLoop, _ fault: String) {
        loop.assumeIsolated().execute { self.finish(fault) }
    }

    private func release() {
        deadline?.cancel()
        channel?.close(promise: nil)
        channel = nil
        command?.cancel()
        command = nil
    }
}

/// One GET; tells the status code of its answer and cares for nothing behind it.
private final class PageRequest: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundOut = HTTPClientRequestPart

    private let target: ProbeTarget
    private let answer: EventLoopPromise<Int>

    init(target: ProbeTarget, answer: EventLoopPromise<Int>) {
        self.target = target
        self.answer = answer
    }

    func channelActive(context: ChannelHandlerContext) {
        var head = HTTPRequestHead(version: .http1_1, method: .GET, uri: target.path)
        head.headers.add(name: "Host", value: target.authority)
        head.headers.add(name: "User-Agent", value: "xpmd/\(ProtocolVersion.product)")
        head.headers.add(name: "Connection", value: "close")
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if case .head(let head) = unwrapInboundIn(data) { answer.succeed(Int(head.status.code)) }
    }

    func channelInactive(context: ChannelHandlerContext) { answer.fail(ChannelError.eof) }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        answer.fail(error)
        context.close(promise: nil)
    }
}
