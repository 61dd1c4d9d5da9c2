import Glibc
import Logging
import NIOCore
import NIOPosix
import Synchronization
import Testing
import XPMKeeping

@testable import XPMDaemon

/// Files that are watched where the kernel has no room for that.
@Suite struct FileWatchTests {
    /// A kernel that can be full.
    private final class Kernel: Sendable {
        let isFull = Mutex<InotifyShortage?>(nil)
        /// Told of each watch that is refused.
        let refusals = AsyncStream.makeStream(of: String.self)

        var calls: InotifyCalls {
            InotifyCalls(
                open: { [self] in
                    guard isFull.withLock({ $0 }) == .instances else { return InotifyCalls().open() }
                    errno = EMFILE
                    return -1
                },
                addWatch: { [self] descriptor, path, mask in
                    guard isFull.withLock({ $0 }) != nil else { return InotifyCalls().addWatch(descriptor, path, mask) }
                    refusals.continuation.yield(path)
                    errno = ENOSPC
                    return -1
                })
        }

        func become(_ shortage: InotifyShortage?) { isFull.withLock { $0 = shortage } }
    }

    /// A watch on a loop of its own.
    private final class Fixture: Sendable {
        let scratch: Scratch
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let kernel = Kernel()
        private let files: NIOLoopBound<FileWatch>

        init(_ shortage: InotifyShortage?, looks: Int = 256, room: TimeAmount = .milliseconds(10)) throws {
            scratch = try Scratch()
            kernel.become(shortage)
            let loop = group.next()
            let counter = Counter()
            self.counter = counter
            files = try loop.submit { [kernel] in
                let logger = Logger(label: "test") { _ in CountingHandler(counter: counter) }
                let pace = FilePolling.Pace(
                    awaited: .milliseconds(2), others: .milliseconds(4), looks: looks, room: room)
                return NIOLoopBound(
                    FileWatch(loop: loop, logger: logger, calls: kernel.calls, pace: pace), eventLoop: loop)
            }.wait()
        }

        let counter: Counter

        deinit {
            let files = files
            try? group.next().submit { files.value.close() }.wait()
            try? group.syncShutdownGracefully()
        }

        @discardableResult
        func turn<Value: Sendable>(_ body: @escaping @Sendable (FileWatch) throws -> Value) async throws -> Value {
            try await group.next().submit { [files] in try body(files.value) }.get()
        }

        /// Watches a file, and tells of its changes.
        func watch(_ path: String, for interest: FileWatch.Interest = .growth) async throws -> Changes {
            let (stream, told) = AsyncStream.makeStream(of: Void.self)
            let loop = group.next()
            let token = try await turn { files in
                NIOLoopBound(try files.watch(path, for: interest) { told.yield() }, eventLoop: loop)
            }
            return Changes(stream: stream, token: token)
        }
    }

    private struct Changes {
        let stream: AsyncStream<Void>
        let token: NIOLoopBound<FileWatch.Token>

        func next() async { _ = await stream.first { true } }
    }

    private final class Counter: Sendable {
        let warnings = Mutex(0)
    }

    private struct CountingHandler: LogHandler {
        let counter: Counter
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.warning

        init(counter: Counter) { self.counter = counter }

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) { counter.warnings.withLock { $0 += 1 } }
    }

    @Test(arguments: [InotifyShortage.instances, .watches]) func whatGrowsIsNoticed(shortage: InotifyShortage)
        async throws
    {
        let fixture = try Fixture(shortage)
        let path = try fixture.scratch.write("log", "first\n")
        let awaited = try await fixture.watch(path)
        let other = try await fixture.watch(path, for: .growthInTime)
        #expect(try await fixture.turn(\.shortage) == shortage)
        for _ in 0..<3 {
            try fixture.scratch.write("log", "more\n")
            await awaited.next()
            await other.next()
        }
        // Another file in its place, and none.
        rename(try fixture.scratch.write("new", "first\nmore\nmore\nmore\n"), path)
        await awaited.next()
        unlink(path)
        await awaited.next()
        // Told once.
        #expect(fixture.counter.warnings.withLock { $0 } == 1)
    }

    @Test(arguments: [InotifyShortage.instances, .watches])
    func whatComesAndGoesInAFolderIsNoticed(shortage: InotifyShortage) async throws {
        let fixture = try Fixture(shortage)
        let folder = try fixture.scratch.folder("folder")
        let file = try fixture.scratch.write("folder/file", "")
        let changes = try await fixture.watch(folder, for: .entries)
        unlink(file)
        await changes.next()
        rmdir(folder)
        await changes.next()
    }

    @Test(arguments: [InotifyShortage.instances, .watches])
    func whatIsNotThereIsRefusedAndAwaited(shortage: InotifyShortage) async throws {
        let fixture = try Fixture(shortage)
        let path = fixture.scratch.path + "/log"
        let (stream, told) = AsyncStream.makeStream(of: Void.self)
        try await fixture.turn { files in
            #expect(throws: (any Error).self) { try files.watch(path) {} }
            _ = files.watchLater(path) { told.yield() }
            #expect(files.shortage == nil)
        }
        try fixture.scratch.write("log", "first\n")
        try await fixture.turn { $0.appeared(path) }
        var changes = stream.makeAsyncIterator()
        _ = await changes.next()
        try fixture.scratch.write("log", "second\n")
        _ = await changes.next()
    }

    /// What was written meanwhile is told, and then the kernel tells.
    @Test(arguments: [InotifyShortage.instances, .watches])
    func inotifyIsTakenUpAgain(shortage: InotifyShortage) async throws {
        let fixture = try Fixture(shortage)
        let path = try fixture.scratch.write("log", "first\n")
        let changes = try await fixture.watch(path)
        fixture.kernel.become(nil)
        await changes.next()
        #expect(try await fixture.turn(\.shortage) == nil)
        try fixture.scratch.write("log", "second\n")
        await changes.next()
    }

    @Test func roomThatIsMadeIsTaken() async throws {
        let fixture = try Fixture(nil, room: .hours(1))
        let first = try await fixture.watch(fixture.scratch.write("first", ""))
        fixture.kernel.become(.watches)
        let second = try await fixture.watch(fixture.scratch.write("second", ""))
        // When it was asked for, and in the first round.
        var refusals = fixture.kernel.refusals.stream.makeAsyncIterator()
        for _ in 0..<2 { _ = await refusals.next() }
        fixture.kernel.become(nil)
        try await fixture.turn { _ in first.token.value.cancel() }
        await second.next()
        #expect(try await fixture.turn(\.shortage) == nil)
    }

    @Test func oneAfterTheOtherHasItsTurn() async throws {
        let fixture = try Fixture(.watches, looks: 1)
        var all: [(String, Changes)] = []
        for number in 0..<8 {
            let name = "log\(number)"
            all.append((name, try await fixture.watch(fixture.scratch.write(name, "first\n"))))
        }
        for (name, changes) in all.reversed() {
            try fixture.scratch.write(name, "second\n")
            await changes.next()
        }
    }

    /// Nothing is looked at for nobody.
    @Test func whatIsCancelledIsNoShortage() async throws {
        let fixture = try Fixture(.watches)
        let changes = try await fixture.watch(fixture.scratch.write("log", ""))
        try await fixture.turn { files in
            #expect(files.shortage == .watches)
            changes.token.value.cancel()
            #expect(files.shortage == nil && files.isAtRest)
        }
    }
}
