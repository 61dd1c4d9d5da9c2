import CLinux
import Glibc
import Testing

@testable import XPMKeeping

/// A keeper of its own in a scratch folder. `withKeeper` leaves no process, socket or file behind, whatever the test did:
/// what the keeper knows is killed through it, then the keeper, then the folder goes.
final class KeeperFixture {
    let folder: Scratch
    let socketPath: String
    private(set) var keeper: Int32
    private var isReaped = false

    init(environment: [String]) throws {
        folder = try Scratch()
        socketPath = folder.path + "/keeper.sock"
        keeper = try KeeperFixture.launch(socketPath, log: folder.path + "/keeper.log", environment)
    }

    private static func launch(_ socketPath: String, log: String, _ environment: [String] = []) throws -> Int32 {
        try KeeperLaunch(
            executable: Binaries.keeper, socketPath: socketPath, logPath: log, environment: environment
        ).startAlone()
    }

    func connect() throws -> KeeperClient { try KeeperClient(socketPath) }

    /// A client that has said hello and heard the snapshot.
    func greet() throws -> (client: KeeperClient, known: [AttemptReport]) {
        let client = try connect()
        return (client, try client.greet())
    }

    /// An order for `/bin/sh -c script`, with a marker of its own.
    func order(_ attempt: UInt64, _ script: String, log: String = "log") -> SpawnOrder {
        order(attempt, arguments: ["/bin/sh", "-c", script], log: log)
    }

    func order(_ attempt: UInt64, arguments: [String], log: String = "log") -> SpawnOrder {
        let marker = marker(attempt)
        return SpawnOrder(
            attempt: attempt, arguments: arguments, environment: ["PATH=/usr/bin:/bin", marker],
            directory: folder.path, standardOutput: folder.path + "/" + log,
            standardError: folder.path + "/" + log, marker: marker)
    }

    func sleeper(_ attempt: UInt64) -> SpawnOrder { order(attempt, arguments: ["/bin/sleep", "1000"]) }

    func marker(_ attempt: UInt64) -> String { "XPM_ATTEMPT=\(folder.path):\(attempt)" }

    /// The keeper is gone at once, as by the OOM killer; its services live on.
    func killKeeper() {
        kill(keeper, SIGKILL)
        reapKeeper()
    }

    func relaunch() throws {
        keeper = try KeeperFixture.launch(socketPath, log: folder.path + "/keeper.log")
        isReaped = false
    }

    /// Waits until the keeper has ended by itself; returns its wait(2) status.
    func keeperEnd() throws -> Int32 {
        let handle = Descriptor(xpm_pidfd_open(keeper))
        try awaitReadable(handle.number, "the keeper's end")
        return reapKeeper()
    }

    @discardableResult
    private func reapKeeper() -> Int32 {
        var status: Int32 = -1
        waitpid(keeper, &status, 0)
        isReaped = true
        return status
    }

    fileprivate func tearDown() {
        if !isReaped {
            if let (client, known) = try? greet() {
                for report in known { try? client.send(.kill(attempt: report.attempt)) }
                for report in known where !report.isEmptied {
                    _ = try? client.next { $0 == .emptied(attempt: report.attempt) }
                }
            }
            killKeeper()
        }
        // What lived on without a keeper: whatever has this folder in its marker.
        let prefix = ArraySlice("XPM_ATTEMPT=\(folder.path):".utf8)
        let left = ProcessFiles.all().filter { process in
            ProcessFiles.environment(of: process.pid).contains { $0.starts(with: prefix) }
        }
        for process in left { TreeKill.send(SIGKILL, to: process) }
        if let logger = loggerPID { kill(logger, SIGKILL) }
        removeLoggerFolder()
        folder.remove()
    }
}

extension AttemptReport {
    var isEmptied: Bool {
        if case .exited(_, _, emptied: true) = phase { true } else { false }
    }
}

func withKeeper(environment: [String] = [], _ body: (KeeperFixture) throws -> Void) throws {
    let fixture = try KeeperFixture(environment: environment)
    defer { fixture.tearDown() }
    try body(fixture)
}
