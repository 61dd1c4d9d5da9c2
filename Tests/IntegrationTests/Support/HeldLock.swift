import Glibc
import Testing
import WorkspaceFixture
import XPMProtocol

/// A process that holds an experiment's lock, as experimaestro's does: a Python that runs a script, and may live for the test.
final class HeldLock {
    let process: ChildProcess
    /// The script's path.
    let script: String
    private let go: Tidings

    /// Starts it; returns once it has the lock.
    init(_ experiment: String, of workspace: WorkspaceFolder, in instance: Instance) throws {
        let told = try Tidings("held-\(experiment)-\(instance.scratch.number())", of: instance)
        go = try Tidings("go-\(experiment)-\(instance.scratch.number())", of: instance)
        try workspace.folder("experiments/\(experiment)")
        script = try instance.scratch.file(
            "train.py",
            """
            import fcntl, os, sys
            lock = os.open(sys.argv[1], os.O_RDWR | os.O_CREAT, 0o644)
            fcntl.flock(lock, fcntl.LOCK_EX)
            print("held", file=open(sys.argv[2], "w"), flush=True)
            open(sys.argv[3]).readline()
            os.close(lock)
            """)
        process = try ChildProcess(
            ["/usr/bin/python3", script, "\(workspace.root)/experiments/\(experiment)/lock", told.path, go.path],
            environment: instance.serviceEnvironment.merging(["PYTHONPATH": "/tmp/of-the-lock"]) { $1 },
            folder: instance.workspace)
        #expect(try told.line() == "held")
    }

    /// Lets go of the lock and ends.
    func release() throws {
        try go.letGo()
        try process.wait()
    }
}

extension Scratch {
    /// A number that this folder has not given out before.
    func number() -> Int {
        var index = 0
        while mkdir("\(path)/number-\(index)", 0o700) != 0 { index += 1 }
        return index
    }
}

/// Workspaces over the protocol.
extension Instance {
    /// Watches a workspace and returns when it has been read.
    @discardableResult
    func watch(_ workspace: WorkspaceFolder) throws -> Int {
        let outcome = try ctl("watch", workspace.root)
        if outcome.code != 0 { throw TestFailure("cannot watch: \(outcome.errors)") }
        return try list().filter { $0.identity.run.workspace == workspace.root }.count
    }
}
