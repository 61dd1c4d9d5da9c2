import CLinux
import Glibc

/// The keeper's end of the logger's socket. It never waits: what can't be sent yet stays here, with its descriptors.
public final class LoggerClient {
    private let socket: OpenFile
    private var waiting: [(packet: [UInt8], file: OpenFile?)] = []
    private var sent = 0
    /// The logger's process.
    public let pid: pid_t
    /// Ends with the logger's process, though the kernel may keep a thread of it, and with that the socket. It comes with `welcome`.
    public private(set) var lifeline: OpenFile?
    private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: LoggerProtocol.longestPacket, alignment: 8)

    /// Connects to the logger of a folder. Throws with ENOENT or ECONNREFUSED where none listens, or only what the kernel keeps of one that
    /// was killed, and EAGAIN where too many wait for it.
    public init(folder: String) throws(LogFileError) {
        let path = folder + "/" + LoggerProtocol.socketName
        socket = try PacketSocket.open()
        let result = try PacketSocket.withAddress(path) { [socket] in connect(socket.descriptor, $0, $1) }
        guard result == 0 else { throw LogFileError(cannot: "connect to \(path)", errno) }
        var user: uid_t = 0
        guard xpm_peer_user(socket.descriptor, &user) == 0, user == geteuid() else {
            throw LogFileError(cannot: "connect to \(path)", because: "another user listens there")
        }
        pid = xpm_peer_process(socket.descriptor)
        if LoggerLock.isDead(pid) { throw LogFileError(cannot: "connect to \(path)", ECONNREFUSED) }
    }

    deinit { buffer.deallocate() }

    /// To wait for: readable for messages, writable while `awaitsWriting`.
    public var descriptor: Int32 { socket.descriptor }

    /// Whether orders wait for room.
    public var awaitsWriting: Bool { sent < waiting.count }

    /// Sends an order, now or when there is room; with `take`, the end to read. False where the logger is gone.
    public func send(_ order: LoggerOrder, _ file: OpenFile? = nil) -> Bool {
        waiting.append((order.encode(), file))
        return flush()
    }

    /// Sends what waits, as far as there is room; false where the logger is gone.
    public func flush() -> Bool {
        while awaitsWriting {
            let (packet, file) = waiting[sent]
            if xpm_send_packet(descriptor, packet, UInt(packet.count), file?.descriptor ?? -1) != 0 {
                if errno == EINTR { continue }
                // Too many descriptors are on their way.
                return errno == EAGAIN || errno == ETOOMANYREFS || errno == ENOBUFS
            }
            // The descriptor is the logger's, too, from now on.
            waiting[sent].file = nil
            sent += 1
        }
        waiting.removeAll(keepingCapacity: false)
        sent = 0
        return true
    }

    /// Whether the logger's process was killed. What it has sent before can still be received.
    public var isDead: Bool { lifeline.map(LogPipe.isHungUp) ?? false }

    /// Whether a process has ended, but for threads that the kernel keeps.
    public static func hasEnded(_ pid: pid_t) -> Bool { kill(pid, 0) != 0 && errno == ESRCH || LoggerLock.isDead(pid) }

    /// What came; nil where the logger is gone, or speaks something else.
    public func receive() -> [LoggerMessage]? {
        var messages: [LoggerMessage] = []
        while true {
            var file: Int32 = -1
            let count = xpm_receive_packet(descriptor, buffer.baseAddress, UInt(buffer.count), &file)
            let came = file >= 0 ? OpenFile(file) : nil
            if count < 0 && errno == EINTR { continue }
            if count < 0 && errno == EAGAIN { return messages }
            guard count > 0, let message = try? LoggerMessage.decode(Array(buffer[..<count])) else {
                return messages.isEmpty ? nil : messages
            }
            if case .welcome = message { lifeline = came }
            messages.append(message)
        }
    }
}
