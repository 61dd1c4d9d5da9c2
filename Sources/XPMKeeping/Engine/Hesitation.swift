/// How long the keeper puts off to call an attempt empty because of a process that shows no environment.
struct Hesitation<Cause: Hashable> {
    /// execve takes microseconds, a large process's death some milliseconds; whoever takes longer than this is one that
    /// never shows it, and must not hold up others.
    private static var limitMilliseconds: Int64 { 100 }
    private var since: [Cause: Int64] = [:]

    /// Whether to wait for it still; from the first question on, the time runs.
    mutating func waits(for cause: Cause) -> Bool {
        let now = Clocks.monotonic
        guard let start = since[cause] else {
            since[cause] = now
            return true
        }
        return now - start < Self.limitMilliseconds
    }

    mutating func forget(_ cause: Cause) {
        since[cause] = nil
    }
}
