import XPMLogs

/// What a pipe brings into one log: the output of an attempt, or its errors, or both where they have the same path.
struct LogStream {
    /// The logger's number for it.
    let number: UInt64
    /// Whose output it is.
    var attempt: UInt64
    /// When that began: wall clock, µs since 1970.
    var began: Int64
    /// Where its log is.
    let path: String
    var policy: RotationPolicy
    /// The end to read, kept until the stream has ended: a logger that dies takes nothing with it. Nil where only the attempt's processes
    /// have it, after the end of an earlier keeper.
    var reader: OpenFile?
    /// The logger reads it.
    var isTaken = false

    var order: TakeOrder { TakeOrder(stream: number, attempt: attempt, began: began, path: path, policy: policy) }
}

/// The streams of all attempts; does nothing itself.
struct LogStreams {
    private(set) var all: [UInt64: LogStream] = [:]
    private var byPath: [String: UInt64] = [:]
    private var lastNumber: UInt64

    /// Numbers begin at `first`: those of an earlier keeper, which the logger may still know, are lower.
    init(first: UInt64) { lastNumber = first }

    var isEmpty: Bool { all.isEmpty }

    subscript(number: UInt64) -> LogStream? { all[number] }

    /// The stream that goes into a log.
    subscript(path path: String) -> LogStream? { byPath[path].flatMap { all[$0] } }

    /// Those of an attempt.
    func of(_ attempt: UInt64) -> [LogStream] {
        all.values.filter { $0.attempt == attempt }.sorted { $0.number < $1.number }
    }

    /// Those that the logger does not read, in the order in which they were made.
    var untaken: [LogStream] { all.values.filter { !$0.isTaken }.sorted { $0.number < $1.number } }

    mutating func add(
        _ attempt: UInt64, began: Int64, path: String, policy: RotationPolicy, reader: OpenFile?
    ) -> LogStream {
        lastNumber += 1
        let stream = LogStream(
            number: lastNumber, attempt: attempt, began: began, path: path, policy: policy, reader: reader)
        all[lastNumber] = stream
        byPath[path] = lastNumber
        return stream
    }

    /// An earlier keeper's number for a log that the logger reads already.
    mutating func renumber(_ number: UInt64, to known: UInt64) {
        guard let stream = all.removeValue(forKey: number) else { return }
        let moved = LogStream(
            number: known, attempt: stream.attempt, began: stream.began, path: stream.path, policy: stream.policy,
            reader: stream.reader, isTaken: true)
        all[known] = moved
        byPath[stream.path] = known
        lastNumber = max(lastNumber, known)
    }

    mutating func took(_ number: UInt64) { all[number]?.isTaken = true }

    /// The logger is gone.
    mutating func lostAll() { for number in all.keys { all[number]?.isTaken = false } }

    mutating func found(_ reader: OpenFile, of number: UInt64) { all[number]?.reader = reader }

    mutating func remove(_ number: UInt64) {
        guard let stream = all.removeValue(forKey: number) else { return }
        if byPath[stream.path] == number { byPath[stream.path] = nil }
    }
}
