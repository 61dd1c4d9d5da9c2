import Glibc

/// What the main thread does for a lane whose own thread hangs in a file system.
extension Lane {
    /// After so many ns a lane counts as one that hangs, as far as its pipes may get longer for it.
    private static let widensAfter: UInt64 = 20_000_000

    /// What its own thread can't do while it hangs. In how many ms to do it again.
    func relieveFromOutside(
        _ scratch: UnsafeMutableRawBufferPointer, at now: UInt64, after patience: UInt64
    ) -> Int32 {
        lock.lock()
        defer { lock.unlock() }
        var (isFull, wasFull) = (false, false)
        let since = isBusySince
        let hangs = since != 0 && now >= since &+ Self.widensAfter
        for stream in streams.values {
            if hangs && stream.failure == nil { stream.widen() }
            if stream.relieve(scratch, at: now, after: patience) {
                isFull = true
                if stream.failure == nil { stream.cause = .hangs }
            }
            if stream.wasRelieved { wasFull = true }
        }
        // Where others made room before it came to this lane, there was no relief here yet.
        let later = min(hangRelief, Self.longestRelief / 2) * 2
        hangRelief = isFull ? Self.shortestRelief : wasFull ? later : .max
        return hangRelief
    }

    /// What the keeper is to know of a file system that does not answer, once when it has not for so long, in ns, and once when it does again.
    func hangNews(at now: UInt64, after patience: UInt64) -> [LoggerMessage] {
        let since = isBusySince
        let hangs = since != 0 && now >= since &+ patience
        guard hangs != isHangTold || isHangTold && since != hangTold else { return [] }
        lock.lock()
        defer { lock.unlock() }
        if isHangTold {
            let told = streamsToldOfHang
            (hangTold, streamsToldOfHang) = (0, [])
            return told.sorted().map { .fault(stream: $0, text: Self.returned) }
        }
        (hangTold, streamsToldOfHang) = (since, Set(streams.keys))
        return streamsToldOfHang.sorted().map {
            .fault(stream: $0, text: "\(Self.hanging) for \((now &- since) / 1_000_000_000 + 1) s: \(Self.consequence)")
        }
    }

    var isHangTold: Bool { hangTold != 0 }

    private static let hanging = "has not been written"
    private static let consequence =
        "its file system does not answer; the oldest lines are dropped once 64 KiB to 1 MiB wait"
    private static let returned = "is written again"
}
