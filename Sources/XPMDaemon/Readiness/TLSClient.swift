import CTLS
import NIOCore

/// Why an https page cannot be asked, a phrase.
struct TLSFault: Error {
    let reason: String
    /// Whether it is this machine's, whatever the page is like.
    var isOwn = false
}

/// TLS between a socket and a request of HTTP, for one answer. The handlers behind it are active once it is secured.
final class TLSClient: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// Bytes moved in one go.
    private static let step = 16 << 10

    private let session: OpaquePointer
    private var isSecured = false

    /// Blocks, for a worker thread: makes ready what the clients to come are made from.
    static func prepare(verifies: Bool) throws(TLSFault) {
        var words = [CChar](repeating: 0, count: 400)
        guard xpm_tls_prepare(verifies ? 1 : 0, &words, words.count) == 0 else { return }
        let cause = String(decoding: words.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        throw TLSFault(reason: "OpenSSL cannot be loaded, so https pages cannot be asked: \(cause)", isOwn: true)
    }

    /// With `verifies` the certificate must be that of `host`, by an authority that the system knows. After `prepare`.
    init(host: String, verifies: Bool) throws(TLSFault) {
        guard let session = xpm_tls_open(host, verifies ? 1 : 0) else {
            throw TLSFault(reason: "TLS cannot be set up for \(host)", isOwn: true)
        }
        self.session = session
    }

    deinit { xpm_tls_close(session) }

    func channelActive(context: ChannelHandlerContext) { shakeHands(context) }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let fed = unwrapInboundIn(data).withUnsafeReadableBytes {
            xpm_tls_feed(session, $0.baseAddress, Int32(clamping: $0.count))
        }
        guard fed >= 0 else { return fail(context) }
        if !isSecured { shakeHands(context) }
        if isSecured { readOn(context) }
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        let written = unwrapOutboundIn(data).withUnsafeReadableBytes {
            $0.isEmpty ? 1 : xpm_tls_write(session, $0.baseAddress, Int32(clamping: $0.count))
        }
        guard written > 0 else {
            promise?.fail(ChannelError.ioOnClosedChannel)
            return fail(context)
        }
        drain(context)
        promise?.succeed()
    }

    private func shakeHands(_ context: ChannelHandlerContext) {
        let outcome = xpm_tls_handshake(session)
        drain(context)
        switch Int(outcome) {
        case XPM_TLS_WANTS: break
        case 1...:
            isSecured = true
            context.fireChannelActive()
        default: fail(context)
        }
    }

    private func readOn(_ context: ChannelHandlerContext) {
        while true {
            var buffer = context.channel.allocator.buffer(capacity: Self.step)
            let count = buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: Self.step) {
                max(0, Int(xpm_tls_read(session, $0.baseAddress, Int32(clamping: $0.count))))
            }
            guard count > 0 else { return drain(context) }
            context.fireChannelRead(wrapInboundOut(buffer))
        }
    }

    /// Sends what TLS has to say.
    private func drain(_ context: ChannelHandlerContext) {
        while true {
            var buffer = context.channel.allocator.buffer(capacity: Self.step)
            let count = buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: Self.step) {
                Int(xpm_tls_drain(session, $0.baseAddress, Int32(clamping: $0.count)))
            }
            guard count > 0 else { return context.flush() }
            context.write(wrapOutboundOut(buffer), promise: nil)
        }
    }

    private func fail(_ context: ChannelHandlerContext) {
        context.fireErrorCaught(TLSFault(reason: "TLS failed: \(String(cString: xpm_tls_fault(session)))"))
        context.close(promise: nil)
    }
}
