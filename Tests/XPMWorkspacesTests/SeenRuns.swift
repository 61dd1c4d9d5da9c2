import Glibc
import Synchronization
import Testing
import WorkspaceFixture
import XPMProtocol

@testable import XPMWorkspaces

/// A reader of a workspace, and all that it has told of the runs of its experiments.
final class SeenRuns {
    private let told: Told
    let reader: WorkspaceReader

    /// The news so far, where the reader's callback can put them.
    private final class Told: Sendable {
        let runs = Mutex([FoundRun]())
    }

    init(_ workspace: WorkspaceFolder) {
        let told = Told()
        self.told = told
        reader = WorkspaceReader(root: workspace.root, isRemote: false) { news in
            if case .runs(let runs) = news { told.runs.withLock { $0 += runs } }
        }
    }

    /// Reads everything; `during` is called before each experiment is looked into.
    func readAll(during: (String) -> Void = { _ in }) { reader.readAll(willRead: during) }

    func read(_ experiment: String) { reader.read([experiment]) }

    /// The last that was told of a run of the experiment `e`.
    subscript(run: String) -> FoundRun? { all(run).last }

    /// What was told of a run, without repetitions.
    func statuses(of run: String) -> [ExperimentRecord.Status] {
        all(run).map(\.status).reduce(into: []) { if $0.last != $1 { $0.append($1) } }
    }

    private func all(_ run: String) -> [FoundRun] {
        told.runs.withLock { $0.filter { $0.name == RunName(experiment: "e", run: run) } }
    }
}

/// An experiment's lock, held by the tests' own process.
final class TakenLock {
    private let descriptor: CInt

    init(_ experiment: String, of workspace: WorkspaceFolder) throws {
        let path = try workspace.file("experiments/\(experiment)/lock", "")
        descriptor = open(path, O_RDWR | O_CLOEXEC)
        try #require(flock(descriptor, LOCK_EX | LOCK_NB) == 0)
    }

    /// Lets go of it.
    func release() { close(descriptor) }
}
