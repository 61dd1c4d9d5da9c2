/// How long the keeper puts off to call an attempt empty because of a process that shows no environment.
struct Hesitation<Cause: Hashable> {
    /// execve takes microseconds and a large process's death some milliseconds, but on a machine whose disk and cores are
    /// busy either was seen to take more than a tenth of a second; whoever takes longer than this never shows it, and must
    /// not hold up others.
    private let limitMilliseconds: Int64
    private var since: [Cause: Int64] = [:]

    init(limitMilliseconds: Int64) { self.limitMilliseconds = limitMilliseconds }

    /// Whether to wait for it still; from the first question on, the time runs.
    mutating func waits(for cause: Cause) -> Bool {
        let now = Clocks.monotonic
        guard let start = since[cause] else {
            since[cause] = now
            return true
        }
        return now - start < limitMilliseconds
    }

    mutating func forget(_ cause: Cause) {
        since[cause] = nil
    }
}
