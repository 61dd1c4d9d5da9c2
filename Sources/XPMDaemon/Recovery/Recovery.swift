import Glibc
import Logging
import Synchronization
import XPMProtocol

/// The last defence of a start: what no check has found, and ends xpmd, must not end every start after that, too.
///
/// The usual start makes a file and removes it when it has served for a minute. A start that finds the file of another one knows that
/// this has crashed, and is careful: it takes down what it has in hand. What two starts in a row have crashed over is left out by
/// the next: it stays as it is, people are told of it, and all else is served.
final class Recovery: Sendable {
    private struct Holding {
        var number: Int
        /// Nil for what is in hand over many turns.
        var thread: pthread_t?
        var item: RecoveryItem
    }

    private struct State: ~Copyable {
        var mark: StartMark?
        var suspects: Suspects
        var asked: Set<RecoveryItem> = []
        var held: [Holding] = []
        var lastNumber = 0
    }

    /// How long a daemon has to serve until its start counts as one that went well.
    static let trial = Duration.seconds(60)

    /// Whether the start before has crashed, or something is left out.
    let isCareful: Bool
    private let state: Mutex<State>
    /// Called with what is taken in hand; a test ends the process there.
    private let reached: (@Sendable (RecoveryItem) -> Void)?

    /// For what rests on no state folder: nothing is taken down.
    static let none = Recovery(folder: "/nonexistent", logger: Logger(label: "xpmd"))

    /// Begins a start with a state folder.
    init(folder: String, reached: (@Sendable (RecoveryItem) -> Void)? = nil, logger: Logger) {
        let mark = StartMark(folder: folder)
        var suspects = Suspects(folder: folder, version: Self.version)
        if let before = mark?.before {
            suspects.crashed(over: before)
            let texts = before.map(\.text).joined(separator: ", ")
            logger.warning(
                "xpmd crashed while it was starting, or soon after\(before.isEmpty ? "" : ", with \(texts) in hand")")
        }
        isCareful = mark?.before != nil || !suspects.all.isEmpty
        self.reached = reached
        state = Mutex(State(mark: mark, suspects: suspects))
    }

    /// Which xpmd this is: another one, also one of the same version that was built anew, gets a chance of its own.
    private static let version = "\(ProtocolVersion.product) \(RecoveryItem.age(ofFile: "/proc/self/exe"))"

    // MARK: What is left out

    /// Whether something may be taken in hand. What is left out may as soon as it is not what it was.
    func mayTake(_ item: RecoveryItem, _ print: @autoclosure () -> String = "") -> Bool {
        guard isCareful else { return true }
        let print = print()
        return state.withLock { state in
            state.asked.insert(item)
            guard let suspect = state.suspects[item] else { return true }
            if suspect.print.isEmpty { state.suspects.note(print, of: item) }
            guard suspect.isExcluded else { return true }
            guard suspect.print.isEmpty || suspect.print == print else {
                state.suspects.note(print, of: item)
                state.suspects.forgive(item)
                return true
            }
            return false
        }
    }

    /// Its user wants it to be tried again.
    func forgive(_ item: RecoveryItem) { if isCareful { state.withLock { $0.suspects.forgive(item) } } }

    /// What is left out, for people.
    var note: String? {
        guard isCareful else { return nil }
        let excluded = state.withLock { state in
            state.suspects.all.filter { $0.isExcluded && state.asked.contains($0.item) }.map(\.item.text)
        }
        return excluded.isEmpty ? nil : "left out, because xpmd crashed over it: \(excluded.joined(separator: ", "))"
    }

    /// The end of a start that cannot be done without what it crashed over.
    func refusal(ofDatabaseIn folder: String) -> WireError {
        WireError(
            .storageFailed,
            "cannot read the database in \(folder): xpmd crashed \(RecoveryItem.database.mostCrashes) times over it")
    }

    // MARK: What is in hand

    /// Does something with an item in hand. What is begun within is in hand in its place meanwhile.
    func take<Value, Failure: Error>(
        _ item: @autoclosure () -> RecoveryItem, _ body: () throws(Failure) -> Value
    ) throws(Failure) -> Value {
        guard isCareful || reached != nil else { return try body() }
        let number = hold(item(), on: pthread_self())
        defer { release(number) }
        return try body()
    }

    /// Takes something in hand until `release`, over many turns.
    func hold(_ item: RecoveryItem) -> Int { isCareful || reached != nil ? hold(item, on: nil) : 0 }

    func release(_ number: Int) {
        guard number > 0 else { return }
        state.withLock { state in
            state.held.removeAll { $0.number == number }
            if isCareful { Self.note(state) }
        }
    }

    private func hold(_ item: RecoveryItem, on thread: pthread_t?) -> Int {
        let number = state.withLock { state in
            state.lastNumber += 1
            state.held.append(Holding(number: state.lastNumber, thread: thread, item: item))
            if isCareful { Self.note(state) }
            return state.lastNumber
        }
        reached?(item)
        return number
    }

    private static func note(_ state: borrowing State) {
        guard let mark = state.mark else { return }
        var threads: Set<pthread_t> = []
        var items: [RecoveryItem] = []
        for holding in state.held.reversed() {
            if let thread = holding.thread, !threads.insert(thread).inserted { continue }
            items.append(holding.item)
        }
        mark.note(items)
    }

    // MARK: The end

    /// The start went well: what it came past is cleared. Looks at the files of what is left out, so it may block, and holds up nobody
    /// else then.
    func settle() {
        let (excluded, asked) = state.withLock { state in
            state.mark?.remove()
            state.mark = nil
            state.suspects.removeAll { !$0.isExcluded }
            return (state.suspects.all.map(\.item), state.asked)
        }
        for item in excluded where item.isGone(notAsked: !asked.contains(item)) {
            state.withLock { $0.suspects.removeAll { $0.item == item } }
        }
    }

    /// The daemon ends in order.
    func end() {
        state.withLock { state in
            state.mark?.remove()
            state.mark = nil
        }
    }
}
