import XPMLogs

/// What a pipe brings into one log: the output of an attempt, or its errors, or both where they have the same path.
struct LogStream {
    /// The logger's number for it.
    let number: UInt64
    /// Whose output it is: the newest attempt's, or that of a command beside it, as long as there was no attempt.
    var attempt: UInt64
    /// When that began: wall clock, µs since 1970.
    var began: Int64
    /// Where its log is.
    let path: String
    var policy: RotationPolicy
    /// Those whose processes were given an end, as far as any of them may live.
    var users: Set<UInt64>
    /// Others were given an end since the logger took it: its end may be told of what was before them.
    var hasNews = false
    /// A terminal in place of a pipe.
    var isTerminal: Bool
    /// The end to read, kept until the stream has ended: a logger that dies takes nothing with it. Nil where only the attempt's processes
    /// have it, after the end of an earlier keeper.
    var reader: OpenFile?
    /// The logger reads it.
    var isTaken = false

    var order: TakeOrder { TakeOrder(stream: number, attempt: label, began: began, path: path, policy: policy) }
    var begin: BeginOrder { BeginOrder(stream: number, attempt: label, began: began, policy: policy) }

    /// A command beside a service is no attempt of it.
    private var label: UInt64 { KeeperProtocol.isCommand(attempt) ? 0 : attempt }
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
        all.values.filter { $0.attempt == attempt || $0.users.contains(attempt) }.sorted { $0.number < $1.number }
    }

    /// Those that the logger does not read, in the order in which they were made.
    var untaken: [LogStream] { all.values.filter { !$0.isTaken }.sorted { $0.number < $1.number } }

    mutating func add(
        _ attempt: UInt64, began: Int64, path: String, policy: RotationPolicy, reader: OpenFile?,
        isTerminal: Bool = false
    ) -> LogStream {
        lastNumber += 1
        let stream = LogStream(
            number: lastNumber, attempt: attempt, began: began, path: path, policy: policy, users: [attempt],
            isTerminal: isTerminal, reader: reader)
        all[lastNumber] = stream
        byPath[path] = lastNumber
        return stream
    }

    /// Processes of another attempt, or of a command, got an end. Those who are gone are forgotten.
    mutating func join(
        _ number: UInt64, _ attempt: UInt64, began: Int64, policy: RotationPolicy, isGone: (UInt64) -> Bool
    ) {
        guard var stream = all[number] else { return }
        stream.hasNews = stream.isTaken
        stream.users = stream.users.filter { !isGone($0) }.union([attempt])
        if !KeeperProtocol.isCommand(attempt) {
            (stream.attempt, stream.began, stream.policy) = (attempt, began, policy)
        }
        all[number] = stream
    }

    /// Another number for a stream: that of an earlier keeper for what the logger reads already, or a new one for what it has ended with.
    mutating func renumber(_ number: UInt64, to known: UInt64? = nil) -> UInt64 {
        guard let stream = all.removeValue(forKey: number) else { return number }
        let other = known ?? lastNumber + 1
        let moved = LogStream(
            number: other, attempt: stream.attempt, began: stream.began, path: stream.path, policy: stream.policy,
            users: stream.users, isTerminal: stream.isTerminal, reader: stream.reader, isTaken: known != nil)
        all[other] = moved
        if byPath[stream.path] == number { byPath[stream.path] = other }
        lastNumber = max(lastNumber, other)
        return other
    }

    mutating func refused(_ number: UInt64) { all[number]?.isTaken = false }

    mutating func took(_ number: UInt64) { all[number]?.isTaken = true }

    /// The logger is gone.
    mutating func lostAll() { for number in all.keys { all[number]?.isTaken = false } }

    mutating func found(_ reader: OpenFile, of number: UInt64, isTerminal: Bool) {
        all[number]?.reader = reader
        all[number]?.isTerminal = isTerminal
    }

    mutating func remove(_ number: UInt64) {
        guard let stream = all.removeValue(forKey: number) else { return }
        if byPath[stream.path] == number { byPath[stream.path] = nil }
    }
}
