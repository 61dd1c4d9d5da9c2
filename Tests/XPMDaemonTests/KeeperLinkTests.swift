import Logging
import NIOCore
import NIOPosix
import Synchronization
import Testing
import XPMKeeping

@testable import XPMDaemon

/// What the link says to keepers of both versions, and in which order it passes on what they say.
@Suite struct KeeperLinkTests {
    private static let running = AttemptReport(attempt: 1, pid: 4711, startTime: 1, phase: .running)
    private static let order = SpawnOrder(
        attempt: 2, arguments: ["/bin/true"], environment: [], directory: "/", standardOutput: "/o",
        standardError: "/e", marker: "m", extras: SpawnExtras(memory: 1))
    private static let exited = KeeperMessage.exited(attempt: 1, .code(0), atMilliseconds: 1)

    private let scratch: Scratch

    init() throws { scratch = try Scratch() }

    private static func greeting(_ version: UInt16, _ reports: [AttemptReport]) -> [KeeperMessage] {
        [.welcome(version: version, pid: 4000, instance: UInt64(version), bootID: "boot"), .snapshot(reports)]
    }

    /// Runs a link against a scripted keeper until `last` is noted, and returns what was said and passed on, in order.
    private func run(
        until last: String, cgroups: ServiceCgroup? = nil, script: @escaping ScriptedKeeper.Script,
        connected: @escaping @Sendable (KeeperLink) -> Void = { _ in },
        passed: @escaping @Sendable (KeeperLink) -> Void = { _ in }
    ) throws -> [String] {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        defer { try? group.syncShutdownGracefully() }
        let loop = group.next()
        let done = loop.makePromise(of: Void.self)
        let notes = Mutex<[String]>([])
        let note: @Sendable (String) -> Void = { text in
            notes.withLock { $0.append(text) }
            if text == last { done.succeed() }
        }
        let path = scratch.path + "/keeper.sock"
        let listener = try ScriptedKeeper.listen(path, on: loop, note: { note("asked \($0)") }, script: script)
        defer { try? listener.close().wait() }
        let link = try loop.submit {
            let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            let link = KeeperLink(
                launch: KeeperLaunch(executable: "/nonexistent", socketPath: path, logPath: "/dev/null"),
                cgroups: cgroups, loop: loop, logger: logger)
            link.start(
                KeeperLink.Callbacks(
                    connected: { [unowned link] identity, reports in
                        note("connected \(identity.instance) \(reports.count)")
                        connected(link)
                    },
                    message: { [unowned link] in
                        passed(link)
                        note("message \($0)")
                    }, lost: { note("lost \($0)") },
                    silent: { note("silent \($0)") }))
            return NIOLoopBound(link, eventLoop: loop)
        }.awaited("a link")
        try done.futureResult.awaited(last)
        try loop.submit { link.value.close() }.awaited("the link's end")
        return notes.withLock(\.self)
    }

    @Test func oldKeeperIsAskedForWhatItKnows() throws {
        var plain = Self.order
        plain.extras = SpawnExtras()
        let adopted = AdoptOrder(attempt: 1, pid: 2, startTime: 3, marker: "m", cgroup: "/c", notifySocket: "/n")
        let plainAdopted = AdoptOrder(attempt: 1, pid: 2, startTime: 3, marker: "m")
        let last = "asked \(KeeperRequest.adopt(plainAdopted))"
        let notes = try run(until: last) { _, request in
            if case .hello = request { (Self.greeting(1, [Self.running]), false) } else { ([], false) }
        } connected: { link in
            #expect(!link.send(.useCgroup(folder: "/c")))
            #expect(!link.send(.measure(attempts: [])))
            #expect(link.send(.spawn(Self.order)))
            #expect(link.send(.adopt(adopted)))
            #expect(link.cgroup == nil)
        }
        #expect(notes.suffix(2) == ["asked \(KeeperRequest.spawn(plain))", last])
    }

    /// What is still in the buffer of a keeper that is gone would be taken for the word of the next one.
    @Test func nothingIsHeardOfAKeeperOnceAnAnswerHasFoundItGone() throws {
        let notes = try run(until: "lost the keeper's connection ended") { connection, request in
            guard case .hello = request, connection == 1 else { return ([], false) }
            return (Self.greeting(2, [Self.running]) + [Self.exited, Self.exited, Self.exited], true)
        } passed: { link in
            link.send(.acknowledge(attempt: 1))
        }
        #expect(notes.filter { $0.hasPrefix("message") }.count == 1)
    }

    @Test func keeperIsReachedOnlyBehindItsSnapshot() throws {
        let cgroup = KeeperMessage.cgroup(folder: "/c", controllers: [], reason: "")
        let notes = try run(until: "connected 2 0") { _, request in
            guard case .hello = request else { return ([], false) }
            let (welcome, snapshot) = (Self.greeting(2, [])[0], Self.greeting(2, [])[1])
            return ([welcome, cgroup, snapshot], false)
        } connected: { link in
            #expect(link.isConnected)
        } passed: { link in
            #expect(!link.isConnected)
            #expect(!link.send(.spawn(Self.order)))
        }
        #expect(notes.suffix(2) == ["message \(cgroup)", "connected 2 0"])
    }

    @Test func newKeeperIsAskedForEverything() throws {
        let last = "asked \(KeeperRequest.spawn(Self.order))"
        _ = try run(until: last) { _, request in
            if case .hello = request { (Self.greeting(2, [Self.running]), false) } else { ([], false) }
        } connected: { link in
            #expect(link.send(.spawn(Self.order)))
        }
    }

    @Test func oldKeeperThatKeepsNothingGivesWayToANewOne() throws {
        let notes = try run(until: "connected 2 0") { connection, request in
            switch request {
            case .hello: (Self.greeting(connection == 1 ? 1 : 2, []), false)
            default: ([], true)
            }
        }
        #expect(notes.dropFirst().first == "asked shutdown")
        #expect(!notes.contains { $0.hasPrefix("connected 1") || $0.hasPrefix("lost") })
    }

    @Test func oldKeeperThatHasSomethingAfterAllIsKept() throws {
        _ = try run(until: "connected 1 0") { _, request in
            switch request {
            case .hello: (Self.greeting(1, []), false)
            default: ([.refused(reason: "cannot shut down: processes are left")], false)
            }
        }
    }

    @Test func newKeeperGetsItsCgroupBeforeAnythingIsAskedOfItOrPassedOn() throws {
        var cgroups = ServiceCgroup(instance: "0123456789abcdef", environment: ["XPMD_CGROUP": "/mine"])
        cgroups.hierarchy = CgroupHierarchy(mountInfo: "30 23 0:27 / \(scratch.path) rw - cgroup2 cgroup2 rw")
        let last = "asked \(KeeperRequest.kill(attempt: 1))"
        let notes = try run(until: last, cgroups: cgroups) { _, request in
            guard case .hello = request else { return ([], false) }
            return (Self.greeting(2, [Self.running]) + [Self.exited], false)
        } connected: { link in
            link.send(.kill(attempt: 1))
        }
        let useCgroup = "asked \(KeeperRequest.useCgroup(folder: "/mine"))"
        // Both ends note their own order.
        #expect(notes.filter { $0.hasPrefix("asked") }.dropFirst() == [useCgroup, last])
        #expect(notes.filter { !$0.hasPrefix("asked") } == ["connected 2 1", "message \(Self.exited)"])
    }

    @Test func keeperThatHasACgroupKeepsIt() throws {
        let cgroups = ServiceCgroup(instance: "0123456789abcdef", environment: ["XPMD_CGROUP": "/mine"])
        let folder = KeeperMessage.cgroup(folder: "/old", controllers: ["pids"], reason: "")
        let last = "asked \(KeeperRequest.kill(attempt: 1))"
        let notes = try run(until: last, cgroups: cgroups) { _, request in
            guard case .hello = request else { return ([], false) }
            var said = Self.greeting(2, [Self.running])
            said.insert(folder, at: 1)
            return (said, false)
        } connected: { link in
            #expect(link.cgroup == KeeperCgroup(folder: "/old", controllers: ["pids"], reason: ""))
            link.send(.kill(attempt: 1))
        }
        #expect(!notes.contains { $0.contains("useCgroup") })
    }
}
