import NIOCore
import NIOHTTP1
import XPMProtocol

/// What a page answered, and over which connection.
struct PageAnswer: Sendable {
    var status: Int
    var from: SocketAddress?
    var to: SocketAddress?
}

/// One GET; tells the status code of its answer and cares for nothing behind it.
final class ProbeRequest: ChannelInboundHandler {
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
