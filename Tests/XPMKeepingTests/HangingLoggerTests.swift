import Glibc
import Testing
import XPMLogs

@testable import XPMKeeping

/// A logger that does not answer, or is killed and cannot end.
@Suite(.serialized)
struct HangingLoggerTests {
    private func greet(_ keeper: KeeperFixture) throws -> KeeperClient {
        let client = try keeper.connect()
        _ = try client.greet(version: 4)
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
