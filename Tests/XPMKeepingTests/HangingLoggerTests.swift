import Glibc
import Testing
import XPMLogs

@testable import XPMKeeping

/// A logger that does not answer, or is killed and cannot end.
@Suite(.serialized)
struct HangingLoggerTests {
    private func greet(_ keeper: KeeperFixture) throws -> KeeperClient {
        let client = try keeper.connect()
        _ = try client.greet(version: 5)
        _ = try client.next { if case .logger = $0 { true } else { false } }
        return client
    }

    /// SIGKILL cannot end the thread that hangs, which keeps the process's descriptors open: its successor does not wait for that.
    @Test(.enabled(if: FrozenDisk.isPossible)) func loggerThatIsKilledWhileAFileSystemHangsIsReplacedAtOnce() throws {
        try withKeeper { keeper in
            let client = try greet(keeper)
            let disk = try FrozenDisk(in: keeper.folder.path)
            defer { withExtendedLifetime(disk) {} }
            let (hanging, well) = (
                try Tidings(keeper.folder.path + "/hanging"), try Tidings(keeper.folder.path + "/well")
            )
            let script = "while read line; do echo $line; done"
            _ = try client.spawn(keeper.piped(1, "exec <> hanging; \(script)", log: "disk/log"))
            _ = try client.spawn(keeper.piped(2, "exec <> well; \(script)"))
            try hanging.say("first")
            try well.say("first")
            try awaitText("disk/log", "first\n", keeper)
            try awaitText("log", "first\n", keeper)
            let logger = try #require(keeper.loggerPID)
            try disk.freeze()
            try hanging.say("frozen")
            try awaitHanging(logger)
            kill(logger, SIGKILL)
            try well.say("second")
            try awaitText("log", "first\nsecond\n", keeper)
            #expect(threads(of: logger).contains("D"))
            disk.thaw()
            try hanging.say("thawed")
            try awaitText("disk/log", "first\nfrozen\nthawed\n", keeper)
            try client.send(.kill(attempt: 1), .kill(attempt: 2))
            try client.emptied(1)
            try client.emptied(2)
        }
    }

    /// Nothing but its silence tells of that.
    @Test func loggerThatIsSuspendedIsReplacedAndLosesNoLine() throws {
        // Longer than a busy machine takes for the logger before.
        try withKeeper(environment: ["XPM_TEST_LOGGER_PATIENCE=1000"]) { keeper in
            let client = try greet(keeper)
            let lines = try Tidings(keeper.folder.path + "/lines")
            _ = try client.spawn(keeper.piped(1, "exec <> lines; while read line; do echo $line; done"))
            try lines.say("first")
            try awaitText("log", "first\n", keeper)
            let logger = try #require(keeper.loggerPID)
            kill(logger, SIGSTOP)
            try lines.say("second")
            try client.send(.settle(attempt: 1))
            let told = try client.next { if case .logger = $0 { true } else { false } }
            guard case .logger(let fault) = told else { return }
            #expect(fault.hasPrefix("xpm-logger (process \(logger)) did not answer for 2 s and was killed"))
            _ = try client.next { $0 == .logger(fault: "") }
            try awaitText("log", "first\nsecond\n", keeper)
        }
    }

    @Test func whatKeepsALoggerFromStartingIsToldUntilOneServes() throws {
        try withKeeper { keeper in
            let client = try greet(keeper)
            mkdir(keeper.loggerFolder, 0o700)
            let obstacle = keeper.loggerFolder + "/logger.state"
            mkfifo(obstacle, 0o600)
            _ = try client.spawn(keeper.piped(1, "echo said"))
            let fault = "xpm-logger cannot start: cannot open \(obstacle): not a regular file"
            #expect(try client.next { if case .logger = $0 { true } else { false } } == .logger(fault: fault))
            // Whoever comes later hears it, too.
            let later = try keeper.connect()
            _ = try later.greet(version: 5)
            #expect(try later.next { if case .logger = $0 { true } else { false } } == .logger(fault: fault))
            unlink(obstacle)
            _ = try later.next { $0 == .logger(fault: "") }
            try later.settle(1)
            #expect(keeper.folder.read("log") == "said\n")
        }
    }

    private func awaitText(_ name: String, _ text: String, _ keeper: KeeperFixture) throws {
        try awaitTrue("\(text.debugDescription) in \(name)") { keeper.folder.read(name) == text }
    }

    /// Until a thread waits in the kernel, where it cannot be killed.
    private func awaitHanging(_ pid: Int32) throws {
        try awaitTrue("a thread of the logger that hangs") { threads(of: pid).contains("D") }
    }

    private func threads(of pid: Int32) -> [String] {
        guard let folder = opendir("/proc/\(pid)/task") else { return [] }
        defer { closedir(folder) }
        var states: [String] = []
        while let entry = readdir(folder) {
            let stat = ProcessFiles.contents(of: "/proc/\(pid)/task/\(entry.name)/stat") ?? []
            let text = String(decoding: stat, as: UTF8.self)
            guard let end = text.lastIndex(of: ")") else { continue }
            states.append(String(text[end...].dropFirst(2).prefix(1)))
        }
        return states
    }
}
