/// When to look again at something that the kernel does not tell of: soon at first, then less and less often.
struct Recheck {
    private static let firstMilliseconds: Int64 = 2
    private static let mostMilliseconds: Int64 = 200

    private var pause = Self.firstMilliseconds
    private var due: Int64?

    /// How long the loop may wait, in milliseconds.
    var patience: Int32? { due.map { Int32(clamping: max(0, $0 - Clocks.monotonic)) } }

    var isDue: Bool { due.map { $0 <= Clocks.monotonic } ?? false }

    /// What a look has found.
    mutating func note(isInDoubt: Bool) {
        due = isInDoubt ? Clocks.monotonic + pause : nil
        pause = isInDoubt ? min(pause * 2, Self.mostMilliseconds) : Self.firstMilliseconds
    }
}
