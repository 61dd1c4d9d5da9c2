import NIOCore

@testable import XPMControl

/// A connection that keeps what is sent to it.
final class RecordingChannel: ReplyChannel {
    private(set) var sent: [ByteBuffer] = []
    private(set) var cursors: [Int64] = []
    var isClosed = false
    var peerPID: Int32?

    var texts: [String] { sent.map { String(buffer: $0) } }

    func whenClosed(_ callback: @escaping () -> Void) { if isClosed { callback() } }
    func send(payload: ByteBuffer) { sent.append(payload) }
    func subscribe(after cursor: Int64) { cursors.append(cursor) }
}
