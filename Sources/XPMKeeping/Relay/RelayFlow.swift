import Glibc

/// One direction of a connection that is passed on.
struct RelayFlow {
    /// How much is read at once.
    static let chunk = 64 << 10
    /// After so many chunks others have their turn.
    private static let turns = 16

    /// What has come, and could not be passed on yet.
    private var rest: ArraySlice<UInt8> = []
    private var isEnded = false
    /// Nothing more is passed on: its end was, or nobody takes anything.
    private(set) var isOver = false

    /// Passes on what there is; true if there may be more at once. `room` is for all that are passed on, one after the other.
    mutating func pass(from source: Int32, to sink: Int32, _ room: UnsafeMutableRawBufferPointer) -> Bool {
        guard !isOver else { return false }
        for _ in 0..<Self.turns {
            if !rest.isEmpty {
                let count = rest.withUnsafeBytes { send(sink, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
                guard count > 0 else { return stop(errno) }
                rest = rest.dropFirst(count)
                continue
            }
            if isEnded {
                shutdown(sink, Int32(SHUT_WR))
                isOver = true
                return false
            }
            let count = read(source, room.baseAddress, room.count)
            if count < 0, errno == EAGAIN || errno == EINTR { return false }
            // A connection that was reset has an end, too.
            guard count > 0 else {
                isEnded = true
                continue
            }
            let sent = send(sink, room.baseAddress, count, Int32(MSG_NOSIGNAL))
            let cause = errno
            // What the sink has no room for waits for it, and nothing more is read meanwhile.
            if sent < count { rest = Array(room[max(0, sent)..<count])[...] }
            if sent < 0 { return stop(cause) }
        }
        return true
    }

    /// Nobody takes more now, or ever; false.
    private mutating func stop(_ cause: Int32) -> Bool {
        guard cause != EAGAIN, cause != EINTR else { return false }
        (rest, isOver) = ([], true)
        return false
    }
}
