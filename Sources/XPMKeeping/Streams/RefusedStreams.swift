/// Streams that the logger could not take for want of descriptors, threads or memory: their pipes are kept, and offered again.
struct RefusedStreams {
    private var numbers: Set<UInt64> = []
    /// When all of them are offered again, CLOCK_MONOTONIC in ms; nil while there are none.
    private(set) var due: Int64?
    private var pause = Self.firstPause

    private static let firstPause: Int64 = 1000
    private static let longestPause: Int64 = 30_000

    var isEmpty: Bool { numbers.isEmpty }

    /// The oldest first: of two streams of one log it is the one whose lines come first.
    var inOrder: [UInt64] { numbers.sorted() }

    func contains(_ number: UInt64) -> Bool { numbers.contains(number) }

    /// A stream was refused, or waits for an older one of its log that was. False where it is known already.
    mutating func add(_ number: UInt64) -> Bool {
        if due == nil { (due, pause) = (Clocks.monotonic + Self.firstPause, Self.firstPause) }
        return numbers.insert(number).inserted
    }

    /// All are about to be offered again.
    mutating func offered() {
        pause = min(pause * 2, Self.longestPause)
        due = Clocks.monotonic + pause
    }

    /// A stream was taken, or is gone. Whether it was one of them.
    mutating func remove(_ number: UInt64) -> Bool {
        let was = numbers.remove(number) != nil
        if numbers.isEmpty { due = nil }
        return was
    }
}
