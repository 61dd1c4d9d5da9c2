import Glibc
import Logging
import NIOCore
import NIOPosix
import Testing
import XPMProtocol

@testable import XPMDaemon

@Suite struct LogKeeperTests {
    /// A keeper of logs on an event loop of its own, and changes of files to wait for.
    private final class Fixture: Sendable {
        let scratch: Scratch
        let logs: LogPaths
        private let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        private let files: NIOLoopBound<FileWatch>
        private let keeper: NIOLoopBound<LogKeeper>

        init(warned: @escaping @Sendable () -> Void = {}) throws {
            scratch = try Scratch()
            let run = RunIdentity(workspace: "/w", experiment: "exp", run: "r1")
            logs = LogPaths(stateFolder: scratch.path, identity: ServiceIdentity(run: run, id: "job"), key: 1)
            _ = try logs.prepare()
            let loop = group.next()
            (files, keeper) = try loop.submit {
                let files = FileWatch(loop: loop, logger: Logger(label: "test"))
                let logger = Logger(label: "test") { _ in WarningHandler(warned: warned) }
                let keeper = LogKeeper(
                    files: files, recovery: .none, loop: loop, logger: logger, retryInterval: .milliseconds(1))
                return (NIOLoopBound(files, eventLoop: loop), NIOLoopBound(keeper, eventLoop: loop))
            }.wait()
        }

        deinit {
            let files = files
            try? group.next().submit { files.value.close() }.wait()
            try? group.syncShutdownGracefully()
        }

        func write(_ text: String) throws {
            try scratch.write(String(logs.stdout.dropFirst(scratch.path.count + 1)), text)
        }

        func tell(_ act: @escaping @Sendable (LogKeeper) -> Void) throws {
            try group.next().submit { [keeper] in act(keeper.value) }.wait()
        }

        /// Waits until something holds, which can change with every change of a file beside the log.
        func wait(until holds: @escaping @Sendable () -> Bool) async throws {
            let folder = String(logs.stdout[..<(logs.stdout.lastIndex(of: "/") ?? logs.stdout.endIndex)])
            let loop = group.next()
            let done = loop.makePromise(of: Void.self)
            let token = try await loop.submit { [files] in
                let token = try files.value.watch(folder) { if holds() { done.succeed() } }
                if holds() { done.succeed() }
                return NIOLoopBound(token, eventLoop: loop)
            }.get()
            let deadline = loop.scheduleTask(in: .seconds(300)) { done.fail(FixtureFailure("it did not come to hold")) }
            defer { deadline.cancel() }
            try await done.futureResult.get()
            try await loop.submit { token.value.cancel() }.get()
        }
    }

    /// Calls back with every warning.
    private struct WarningHandler: LogHandler {
        let warned: @Sendable () -> Void
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.warning

        init(warned: @escaping @Sendable () -> Void) { self.warned = warned }

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) { warned() }
    }

    private static func entries(_ path: String) -> Int {
        var status = stat()
        return stat(LogIndex.file(of: path), &status) == 0 ? Int(status.st_size) / 16 : 0
    }

    @Test func logThatGrowsIsTimedAndRotated() async throws {
        let fixture = try Fixture()
        let logs = fixture.logs
        try fixture.tell { $0.follow(logs, policy: LogPolicy(maximumBytes: 10_000, keep: 3)) }
        try fixture.write("first\n")
        try await fixture.wait { Self.entries(logs.stdout) == 1 }
        try fixture.write((0..<4000).map { "line \($0)\n" }.joined())
        try await fixture.wait { access("\(logs.stdout).3", F_OK) == 0 }
        let text = try LogFile.tail(logs.stdout, lines: 4000).bytes
        #expect(String(decoding: text, as: UTF8.self).hasSuffix("line 3998\nline 3999\n"))
    }

    @Test func logAtRestIsNoticedWhenItGrowsAgain() async throws {
        let fixture = try Fixture()
        let logs = fixture.logs
        try fixture.tell { $0.follow(logs, policy: nil) }
        for count in 1...4 {
            try fixture.write("line\n")
            try await fixture.wait { Self.entries(logs.stdout) == count }
        }
    }

    @Test func logThatAnotherProcessHasIsFollowedOnceThatLetsGoOfIt() async throws {
        let (warnings, warning) = AsyncStream.makeStream(of: Void.self)
        let fixture = try Fixture { warning.yield() }
        let logs = fixture.logs
        try LogLock(logs.stdout, .exclusive).save(LogState())
        let state = open(LogState.file(of: logs.stdout), O_RDONLY | O_CLOEXEC)
        #expect(flock(state, LOCK_EX | LOCK_NB) == 0)
        try fixture.tell { $0.follow(logs, policy: nil) }
        try fixture.write("first\n")
        _ = await warnings.first { true }
        #expect(Self.entries(logs.stdout) == 0)
        close(state)
        try await fixture.wait { Self.entries(logs.stdout) == 1 }
    }

    @Test func damagedStateIsSetAsideAndToldOnce() async throws {
        let fixture = try Fixture()
        let logs = fixture.logs
        let (repairs, repair) = AsyncStream.makeStream(of: String.self)
        try fixture.tell { keeper in
            keeper.repaired = { repair.yield($0) }
        }
        try fixture.write("first\n")
        let state = String(LogState.file(of: logs.stdout).dropFirst(fixture.scratch.path.count + 1))
        try fixture.scratch.write(state, #"{"base":9223372036854775807,"start":0,"released":0,"last":0,"segments":[]}"#)
        try fixture.tell { $0.follow(logs, policy: nil) }
        #expect(await repairs.first { _ in true } == logs.stdout)
        try await fixture.wait { Self.entries(logs.stdout) == 1 }
        #expect(access(LogState.aside(of: logs.stdout), F_OK) == 0)
        #expect(try LogFile.tail(logs.stdout, lines: 1).bytes == Array("first\n".utf8))
    }

    @Test func lastWordsAreTimedBeforeALogIsLetGo() async throws {
        let fixture = try Fixture()
        let logs = fixture.logs
        try fixture.tell { $0.follow(logs, policy: nil) }
        try fixture.write("last words\n")
        try fixture.tell { $0.unfollow(logs) }
        try await fixture.wait { Self.entries(logs.stdout) == 1 }
    }
}
