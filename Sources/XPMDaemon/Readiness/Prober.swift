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
    /// Who may answer; nil where anybody may.
    var listeners: ListenerCheck?

    /// Begins a probe; `done` is called once, later, with nil or with why it failed. Not after it was cancelled.
    func probe(_ plan: ProbePlan, url: String?, within time: Duration, done: @escaping (String?) -> Void) -> ProbeRun {
        let run = ProbeRun(done: done)
        run.deadline = loop.assumeIsolated().scheduleTask(in: TimeAmount(time)) {
            run.finish("no answer within \(time.text)")
        }
        switch plan {
        case .tcp(let host, let port):
            attempt(run, at: LocalHost.addresses(of: host)) { address, told in
                connect(run, told) { $0.connect(host: address, port: port) }
            }
        case .unix(let path):
            connect(run, run.finish) { bootstrap in
                do {
                    return bootstrap.withConnectedSocket(try UnixStream.connect(path))
                } catch {
                    return loop.makeFailedFuture(error)
                }
            }
        case .page(let own, let path, let status):
            guard let target = (own ?? url).flatMap(ProbeTarget.init)?.with(path: path) else {
                run.later(loop, "its URL is not known yet")
                break
            }
            attempt(run, at: LocalHost.addresses(of: target.host)) { address, told in
                ask(target, at: address, status, run, told)
            }
        case .command(let arguments):
            run.command = commands.run(arguments, setting.with(url: url), output: "/dev/null", within: time) {
                run.finish($0.fault)
            }
        }
        return run
    }

    /// Tries one address after the other until one answers as wanted.
    private func attempt(
        _ run: ProbeRun, at addresses: [String], _ ask: @escaping (String, @escaping (String?) -> Void) -> Void
    ) {
        var faults: [String] = []
        func next(_ rest: ArraySlice<String>) {
            guard let address = rest.first else {
                // Where nothing listens is the least that can be said.
                return run.finish(faults.first { $0 != Self.refused } ?? faults.first ?? "it has no address")
            }
            ask(address) { fault in
                guard !run.isOver else { return }
                guard let fault else { return run.finish(nil) }
                run.disconnect()
                faults.append(fault)
                next(rest.dropFirst())
            }
        }
        next(addresses[...])
    }

    private func connect(
        _ run: ProbeRun, _ told: @escaping (String?) -> Void,
        _ attempt: (ClientBootstrap) -> EventLoopFuture<any Channel>
    ) {
        attempt(ClientBootstrap(group: loop)).assumeIsolated().whenComplete { result in
            switch result {
            case .success(let channel) where run.isOver: channel.close(promise: nil)
            case .success(let channel):
                run.channel = channel
                guard let listeners else { return told(nil) }
                listeners.check(channel, done: told)
            case .failure(let error): told(Self.explained(error))
            }
        }
    }

    private func ask(
        _ target: ProbeTarget, at address: String, _ accepted: Set<Int>?, _ run: ProbeRun,
        _ told: @escaping (String?) -> Void
    ) {
        let answer = loop.makePromise(of: PageAnswer.self)
        ClientBootstrap(group: loop)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if target.isSecure {
                        let tls = try TLSClient(host: target.host, verifies: !LocalHost.isLocal(target.host))
                        try channel.pipeline.syncOperations.addHandler(tls)
                    }
                    try channel.pipeline.syncOperations.addHTTPClientHandlers()
                    try channel.pipeline.syncOperations.addHandler(PageRequest(target: target, answer: answer))
                }
            }
            .connect(host: address, port: target.port)
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
            case .success(let page) where accepted?.contains(page.status) ?? (200..<400).contains(page.status):
                // What answered counts only if it is the service's own.
                guard let listeners else { return told(nil) }
                listeners.check(page.from, to: page.to, done: told)
            case .success(let page): told("it answered with status \(page.status)")
            case .failure(let error): told(Self.explained(error))
            }
        }
    }

    private static let refused = String(cString: strerror(ECONNREFUSED))

    /// A short reason out of NIO's errors.
    private static func explained(_ error: any Error) -> String {
        switch error {
        case let error as NIOConnectionError: error.connectionErrors.first.map { explained($0.error) } ?? "unknown host"
        case let error as IOError: String(cString: strerror(error.errnoCode))
        case ChannelError.eof: "it closed the connection without an answer"
        case is HTTPParserError: "its answer is not HTTP"
        case let error as TLSFault: error.reason
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

    /// Before another address is tried.
    fileprivate func disconnect() {
        channel?.close(promise: nil)
        channel = nil
    }

    private func release() {
        deadline?.cancel()
        disconnect()
        command?.cancel()
        command = nil
    }
}

/// What a page answered, and over which connection.
private struct PageAnswer: Sendable {
    var status: Int
    var from: SocketAddress?
    var to: SocketAddress?
}

/// One GET; tells the status code of its answer and cares for nothing behind it.
private final class PageRequest: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundOut = HTTPClientRequestPart

    private let target: ProbeTarget
    private let answer: EventLoopPromise<PageAnswer>
    /// Known while the connection is there, which may be over before its answer is looked at.
    private var ends: (from: SocketAddress?, to: SocketAddress?)

    init(target: ProbeTarget, answer: EventLoopPromise<PageAnswer>) {
        self.target = target
        self.answer = answer
    }

    func channelActive(context: ChannelHandlerContext) {
        ends = (context.localAddress, context.remoteAddress)
        var head = HTTPRequestHead(version: .http1_1, method: .GET, uri: target.path)
        head.headers.add(name: "Host", value: target.authority)
        head.headers.add(name: "User-Agent", value: "xpmd/\(ProtocolVersion.product)")
        head.headers.add(name: "Connection", value: "close")
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard case .head(let head) = unwrapInboundIn(data) else { return }
        answer.succeed(PageAnswer(status: Int(head.status.code), from: ends.from, to: ends.to))
    }

    func channelInactive(context: ChannelHandlerContext) { answer.fail(ChannelError.eof) }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        answer.fail(error)
        context.close(promise: nil)
    }
}
