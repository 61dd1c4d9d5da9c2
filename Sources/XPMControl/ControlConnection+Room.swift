import Glibc
import NIOCore
import XPMProtocol

/// A connection may be closed to make room for another one, where that takes nothing from its client.
extension ControlConnection {
    /// Whether all that it has asked for is answered and read, and nothing lives by it: no subscription, no hosted service, no run.
    var canBeSpared: Bool {
        guard let channelContext, !isOver, !isRetired, !inputHasEnded, !isKept, !subscribed, unanswered <= 0,
            !isInRotation, !hasUndone, requests.isEmpty
        else { return false }
        return ((try? channelContext.channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0) == 0
    }

    func keep() { isKept = true }

    /// Ends the connection and loses nothing: from now on its client cannot send, what it has sent is answered, then it is told why.
    func retire(with farewell: WireError) {
        guard let channelContext, !isRetired else { return }
        isRetired = true
        self.farewell = farewell
        // The channel finds the end of the input behind what has come already.
        let hasShut: CInt? = try? channelContext.pipeline.syncOperations.withUnsafeTransportIfAvailable(
            of: NIOBSDSocket.Handle.self
        ) { shutdown($0, Int32(SHUT_RD)) }
        guard hasShut == nil else { return }
        inputHasEnded = true
        endIfAnswered()
    }

    /// Tells why it ends, if it is not its client's doing.
    func sayFarewell() {
        guard let farewell, let payload = try? Wire.encode(Response<Empty>(id: nil, error: farewell)) else { return }
        self.farewell = nil
        send(payload: ByteBuffer(bytes: payload))
    }
}
