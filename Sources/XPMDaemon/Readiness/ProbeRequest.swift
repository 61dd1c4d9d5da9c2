import NIOCore
import NIOHTTP1
import XPMProtocol

/// What a page answered, and over which connection.
struct PageAnswer: Sendable {
    var status: Int
    var from: SocketAddress?
    var to: SocketAddress?
    /// What was asked for of it.
    var body: [UInt8] = []
}

/// A page that is longer than anybody wants to read.
struct PageTooLong: Error, CustomStringConvertible {
    let limit: Int

    var description: String { "its answer has more than \(limit) bytes" }
}

/// One GET; tells the status code of its answer, and what is behind it only where that is asked for.
final class ProbeRequest: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundOut = HTTPClientRequestPart

    private let target: ProbeTarget
    private let answer: EventLoopPromise<PageAnswer>
    /// Known while the connection is there, which may be over before its answer is looked at.
    private var ends: (from: SocketAddress?, to: SocketAddress?)
    /// How much of the page is read; none for 0.
    private let bodyLimit: Int
    private var page: PageAnswer?

    init(target: ProbeTarget, answer: EventLoopPromise<PageAnswer>, bodyLimit: Int = 0) {
        self.target = target
        self.bodyLimit = bodyLimit
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
        switch unwrapInboundIn(data) {
        case .head(let head):
            let page = PageAnswer(status: Int(head.status.code), from: ends.from, to: ends.to)
            if bodyLimit == 0 { answer.succeed(page) } else { self.page = page }
        case .body(let bytes):
            guard page != nil else { return }
            page?.body += bytes.readableBytesView
            guard page?.body.count ?? 0 > bodyLimit else { return }
            page = nil
            answer.fail(PageTooLong(limit: bodyLimit))
        case .end: if let page { answer.succeed(page) }
        }
    }

    func channelInactive(context: ChannelHandlerContext) { answer.fail(ChannelError.eof) }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        answer.fail(error)
        context.close(promise: nil)
    }
}
