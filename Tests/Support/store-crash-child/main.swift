// Commits to the store in its argument's folder for ever, and prints the number of each commit that was acknowledged:
// whoever reads them kills it in the middle and then looks at what was kept.

import Glibc
import Synchronization
import XPMStore

// With a second argument the log has that limit.
let store = try Store(
    folder: CommandLine.arguments[1], eventLimit: CommandLine.arguments.dropFirst(2).first.flatMap(Int.init) ?? 100_000)
let contents = try store.load()

let last = Mutex(contents.lastSequence)

@Sendable func commitNext() {
    // Numbering and committing are one step: between them another thread could commit a later number first.
    last.withLock { last in
        last += 1
        commit(last)
    }
}

@Sendable func commit(_ number: Int64) {
    var changes: [Change] = []
    if number == 1 {
        changes.append(
            .putExperiment(
                ExperimentRow(key: 1, workspace: "/w", name: "e", run: "r", mode: "NORMAL", status: "open", openedAt: 1)
            ))
        changes.append(
            .putService(
                ServiceRow(
                    key: 2, experiment: 1, id: "s", description: "", definition: "{}", wanted: false, runtime: "0")))
    }
    let body = Array(String(repeating: "\(number) ", count: 100).utf8)
    // The experiment has few events, its service many.
    changes.append(.event(sequence: number, owner: number % 100 == 1 ? 1 : 2, body: body))
    changes.append(.updateService(key: 2, wanted: true, runtime: "\(number)"))
    changes.append(.lastAttempt(UInt64(number)))
    store.commit(changes) { outcome in
        guard case .success = outcome else { fatalError("\(outcome)") }
        let line = Array("\(number)\n".utf8)
        _ = write(STDOUT_FILENO, line, line.count)
        commitNext()
    }
}

for _ in 0..<8 { commitNext() }
while true { pause() }
