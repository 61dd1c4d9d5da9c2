import NIOCore
import NIOPosix
import XPMProtocol

/// Reads requests of many bytes on a thread of its own: a megabyte of JSON takes longer than others may be kept waiting.
struct RequestReader: Sendable {
    /// Requests of more bytes are not read on the event loop.
    var limit = 16 << 10

    /// Not that of NIO, which may be busy with logs on a slow disk.
    private static let pool: NIOThreadPool = {
        let pool = NIOThreadPool(numberOfThreads: 1)
        pool.start()
        return pool
    }()

    /// Calls back on `loop`; nil where the process ends.
    func read<Context>(
        _ payload: ByteBuffer, table: HandlerTable<Context>, on loop: any EventLoop,
        then: @escaping (IncomingMessage<Context>?) -> Void
    ) {
        Self.pool.runIfActive(eventLoop: loop) { IncomingMessage(payload, table: table) }
            .assumeIsolated()
            .whenComplete { then(try? $0.get()) }
    }
}
