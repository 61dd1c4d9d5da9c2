import CLinux
import Glibc

/// A connected socket on the loop: watched for changes, with bytes that wait to be sent and a deadline.
class Connection: EventSource {
    let loop: EventLoop
    let descriptor: Int32
    /// Whether there may be something to read: until a read has found less than it asked for.
    var mayRead = false
    /// The peer has said that it sends nothing any more.
    private(set) var isPeerClosed = false
    /// Nothing passes any more.
    private(set) var isBroken = false
    private(set) var isClosed = false
    /// Both sides have ended, or there was an error: what the peer has sent may still be there to read.
    private(set) var hasHungUp = false
    /// When the socket last took something, by the loop's clock.
    private(set) var sentAt: Int64 = 0
    /// What the socket has not taken yet.
    private(set) var output = ByteQueue()
    private var timer: Timer?
    /// When `expired` is due; the timer may be set for an earlier time, and looks again then.
    private var due = Int64.max

    init(_ descriptor: Int32, on loop: EventLoop) throws(SystemError) {
        (self.descriptor, self.loop) = (descriptor, loop)
        super.init()
        try loop.register(descriptor, for: [.readable, .writable, .peerClosed, .edge], self)
    }

    /// Notes what epoll tells.
    final func note(_ events: Events) {
        if !events.isDisjoint(with: [.readable, .peerClosed, .closed]) { mayRead = true }
        if events.contains(.peerClosed) { isPeerClosed = true }
        if !events.isDisjoint(with: .closed) { hasHungUp = true }
    }

    enum Received {
        case bytes(Int)
        case end, nothing, broken
    }

    /// Reads once. What the peer had sent before it broke off is there still.
    final func receive(into room: UnsafeMutableRawBufferPointer) -> Received {
        while true {
            let count = recv(descriptor, room.baseAddress, room.count, 0)
            if count > 0 {
                // What comes later is told; an end that was told already is not told again.
                if count < room.count, !isPeerClosed { mayRead = false }
                return .bytes(count)
            }
            if count == 0 {
                (mayRead, isPeerClosed) = (false, true)
                return .end
            }
            if errno == EINTR { continue }
            mayRead = false
            guard errno != EAGAIN else { return .nothing }
            isBroken = true
            return .broken
        }
    }

    /// Sends what the socket takes, and keeps the rest in `output`.
    final func send(_ bytes: UnsafeRawBufferPointer) {
        guard !isBroken, !isClosed, !bytes.isEmpty else { return }
        let count = output.isEmpty ? write(bytes) : 0
        if count < bytes.count, !isBroken {
            output.append(UnsafeRawBufferPointer(rebasing: bytes[count...]))
        }
    }

    final func send(_ bytes: [UInt8]) { bytes.withUnsafeBytes { send($0) } }

    final func send(_ text: StaticString) {
        send(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    /// Sends what waits.
    final func flush() {
        guard !output.isEmpty, !isBroken else { return }
        let count = output.withBytes { write($0) }
        output.drop(isBroken ? output.count : count)
    }

    private func write(_ bytes: UnsafeRawBufferPointer) -> Int {
        while true {
            let count = Glibc.send(descriptor, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
            if count >= 0 {
                sentAt = loop.now
                return count
            }
            if errno == EINTR { continue }
            if errno != EAGAIN { isBroken = true }
            return 0
        }
    }

    /// Says that nothing more is sent.
    final func endOutput() { shutdown(descriptor, Int32(SHUT_WR)) }

    /// Closes it now; what waits is lost.
    func close() {
        guard !isClosed else { return }
        isClosed = true
        timer?.cancel()
        timer = nil
        output = ByteQueue()
        loop.close(descriptor)
    }

    // MARK: - Deadline

    /// `expired` is called unless another deadline, or none, is set by then.
    final func expire(after nanoseconds: Nanoseconds) {
        due = loop.now + nanoseconds.count
        guard !isClosed else { return }
        if let timer, timer.due <= due { return }
        let timer = timer ?? Timer(on: loop) { [unowned self] in look() }
        self.timer = timer
        timer.set(due)
    }

    final func expireNever() { due = .max }

    final var hasDeadline: Bool { due != .max }

    private func look() {
        guard due != .max else { return }
        guard due <= loop.now else {
            timer?.set(due)
            return
        }
        due = .max
        expired()
    }

    /// The deadline has passed.
    func expired() { close() }
}
