import CLinux
import Glibc

/// A keeper. What it does not take waits, up to a bound.
final class LoggerConnection {
    enum Received {
        case nothing
        case gone
        case order(LoggerOrder, OpenFile?)
        /// The descriptor that came with it was lost: no more can be open.
        case orderWithoutItsFile(LoggerOrder)
    }

    let socket: OpenFile
    /// What the poller was last told.
    var isWriteAwaited = false
    private var waiting: [(packet: [UInt8], file: OpenFile?)] = []
    private var bytes = 0

    /// One that is so far behind is no use; the next one asks for the list.
    private static let limit = 4 << 20

    init(_ socket: OpenFile) { self.socket = socket }

    var awaitsWriting: Bool { !waiting.isEmpty }

    /// False where the keeper is gone, or too far behind.
    func send(_ packet: [UInt8], _ file: OpenFile? = nil) -> Bool {
        guard bytes + packet.count <= Self.limit else { return false }
        waiting.append((packet, file))
        bytes += packet.count
        return flush()
    }

    /// False where the keeper is gone.
    func flush() -> Bool {
        var sent = 0
        defer { waiting.removeFirst(sent) }
        for (packet, file) in waiting {
            while xpm_send_packet(socket.descriptor, packet, UInt(packet.count), file?.descriptor ?? -1) != 0 {
                if errno == EINTR { continue }
                return errno == EAGAIN || errno == ENOBUFS
            }
            sent += 1
            bytes -= packet.count
        }
        return true
    }

    func receive() -> Received {
        withUnsafeTemporaryAllocation(byteCount: LoggerProtocol.longestPacket, alignment: 8) { buffer in
            var number: Int32 = -1
            let count = xpm_receive_packet(socket.descriptor, buffer.baseAddress, UInt(buffer.count), &number)
            let file = number >= 0 ? OpenFile(number) : nil
            if count < 0 && (errno == EAGAIN || errno == EINTR) { return .nothing }
            guard count > 0, let order = try? LoggerOrder.decode(Array(buffer[..<count])) else { return .gone }
            return number == -2 ? .orderWithoutItsFile(order) : .order(order, file)
        }
    }
}
