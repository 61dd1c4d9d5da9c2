import NIOCore
import NIOHTTP1
import NIOPosix
import XPMProtocol

/// Asks for a page again and again until it answers as wanted. Runs only while a service starts.
final class PageProbe {
    private static let firstDelay = TimeAmount.milliseconds(25)
    private static let longestDelay = TimeAmount.seconds(1)
    private static let answerDeadline = TimeAmount.seconds(5)

    private let target: ProbeTarget
    private let accepted: Set<Int>?
    private let loop: any EventLoop
    private let onReady: () -> Void
    private var delay = PageProbe.firstDelay
    private var next: Scheduled<Void>?
    private var channel: (any Channel)?
    private var ended = false

    init(target: ProbeTarget, status: [Int]?, loop: any EventLoop, onReady: @escaping () -> Void) {
        self.target = target
        accepted = status.map(Set.init)
        self.loop = loop
        self.onReady = onReady
    }

    func start() { attempt() }

    func end() {
        ended = true
        next?.cancel()
        channel?.close(promise: nil)
    }

    private func attempt() {
        let target = target
        let answer = loop.makePromise(of: Int.self)
        ClientBootstrap(group: loop)
            .connectTimeout(Self.answerDeadline)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHTTPClientHandlers()
                    try channel.pipeline.syncOperations.addHandler(PageRequest(target: target, answer: answer))
                }
            }
            .connect(host: target.host, port: target.port)
            .assumeIsolated()
            .whenComplete { [self] result in
                switch result {
                case .success(let opened) where ended: opened.close(promise: nil)
                case .success(let opened): channel = opened
                case .failure(let error): answer.fail(error)
                }
            }
        let deadline = loop.scheduleTask(in: Self.answerDeadline) {
            answer.fail(ChannelError.connectTimeout(Self.answerDeadline))
        }
        answer.futureResult.assumeIsolated().whenComplete { [self] result in
            deadline.cancel()
            channel?.close(promise: nil)
            channel = nil
            guard !ended else { return }
            if case .success(let status) = result, accepted?.contains(status) ?? (200..<400).contains(status) {
                ended = true
                onReady()
            } else {
                next = loop.assumeIsolated().scheduleTask(in: delay) { [self] in attempt() }
                delay = min(.nanoseconds(delay.nanoseconds * 2), Self.longestDelay)
            }
        }
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
