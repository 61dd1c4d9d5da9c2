import NIOCore
import XPMProtocol

/// One event, encoded as a notification in its frame: once, for all who are sent it.
public struct FeedItem: Sendable {
    /// Its place in the log.
    public var sequence: Int64
    let frame: ByteBuffer

    /// The notification `payload` of the event `sequence`.
    public init(sequence: Int64, payload: some Collection<UInt8>) {
        self.sequence = sequence
        var frame = ByteBuffer()
        frame.reserveCapacity(Frame.headerSize + payload.count)
        frame.writeInteger(UInt32(payload.count))
        frame.writeBytes(payload)
        self.frame = frame
    }

    /// The whole `event` notification.
    public var payload: ByteBufferView { frame.readableBytesView.dropFirst(Frame.headerSize) }
}
