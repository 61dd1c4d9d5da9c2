import Glibc
import Synchronization
import Testing
import WorkspaceFixture
import XPMProtocol

@testable import XPMWorkspaces

/// Watching where the kernel cannot tell everything: in the end nothing is missed, and it is said what was done.
@Suite struct WatcherTests {
    let scratch: WorkspaceFolder
    private let run = "20261122_124841"

    init() throws { scratch = try WorkspaceFolder() }

    /// Writes a run that has ended.
    private func write(_ experiment: String, _ service: String = "board") throws {
        try scratch.file(
            "experiments/\(experiment)/\(run)/status.json", Written.status("done", Written.service(service)))
    }

    private func watching(
        _ system: @escaping @Sendable () -> WatchingSystem = { WatchingSystem() },
        _ body: (RunningWatcher) throws -> Void
    ) throws {
        let watcher = try RunningWatcher(scratch.root, system: system)
        defer { #expect(throws: Never.self) { try watcher.stop() } }
        try body(watcher)
    }

    @Test func networkFileSystemsAreTold() {
        #expect(FileSystemKind.name(ofType: 0x6969) == "NFS")
        #expect(FileSystemKind.name(ofType: 0xFF53_4D42) == "CIFS")
        #expect(FileSystemKind.name(ofType: 0x6573_5546) == "FUSE")
        #expect(FileSystemKind.name(ofType: 0x0BD0_0BD0) == "Lustre")
        // ext4, tmpfs, overlay, btrfs and XFS are local.
        for type: UInt32 in [0xEF53, 0x0102_1994, 0x794C_7630, 0x9123_683E, 0x5846_5342] {
            #expect(FileSystemKind.name(ofType: type) == nil)
        }
        #expect(FileSystemKind.remote(at: "/proc") == nil)
    }

    @Test func networkFileSystemIsReadAgainAndAgain() throws {
        try write("first")
        let system: @Sendable () -> WatchingSystem = {
            var system = WatchingSystem(interval: 10)
            system.remoteKind = { _ in "NFS" }
            system.openInotify = {
                Issue.record("inotify is used on NFS")
                return -1
            }
            return system
        }
        try watching(system) { watcher in
            #expect(try watcher.await(.polling)?.contains("is on NFS") == true)
            try write("second")
            try watcher.await(service: "board", of: "second")
            // What is rewritten, and what goes, too.
            try scratch.file("experiments/first/\(run)/.new", Written.status("done", Written.service("lab")))
            try scratch.move("experiments/first/\(run)/.new", to: "experiments/first/\(run)/status.json")
            try watcher.await(service: "lab", of: "first")
            try scratch.remove("experiments/second")
            try watcher.await("the end of second") {
                if case .gone(let runs) = $0 { runs.contains { $0.experiment == "second" } } else { false }
            }
            #expect(watcher.states == [.polling])
        }
    }

    @Test func withoutInstancesItIsReadAgainUntilThereIsOne() throws {
        try write("first")
        let flag = Flag()
        let system: @Sendable () -> WatchingSystem = {
            var system = WatchingSystem(interval: 10)
            let open = system.openInotify
            system.openInotify = {
                guard flag.isSet else { return open() }
                errno = EMFILE
                return -1
            }
            return system
        }
        try watching(system) { watcher in
            #expect(try watcher.await(.polling)?.contains("fs.inotify.max_user_instances") == true)
            try write("second")
            try watcher.await(service: "board", of: "second")
            flag.isSet = false
            #expect(try watcher.await(.watching) == nil)
            try write("third")
            try watcher.await(service: "board", of: "third")
        }
    }

    @Test(arguments: ["/.events", "/experiments/e", "/experiments/e/20261122_124841"])
    func withoutWatchesItIsReadAgainUntilThereAreSome(_ refused: String) throws {
        // On another machine it goes on, so that its run is watched.
        try scratch.file("experiments/e/\(run)/status.json", Written.status("running", host: "elsewhere"))
        let lock = try scratch.file("experiments/e/lock", "")
        let descriptor = open(lock, O_RDWR | O_CLOEXEC)
        defer { close(descriptor) }
        #expect(flock(descriptor, LOCK_EX) == 0)
        try scratch.link("experiments/e/current", to: run)
        let flag = Flag()
        let path = scratch.root + refused
        let system: @Sendable () -> WatchingSystem = {
            var system = WatchingSystem(interval: 10)
            let add = system.addWatch
            system.addWatch = { descriptor, wanted, mask in
                guard flag.isSet, wanted == path else { return add(descriptor, wanted, mask) }
                errno = ENOSPC
                return -1
            }
            return system
        }
        try watching(system) { watcher in
            #expect(try watcher.await(.polling)?.contains("fs.inotify.max_user_watches") == true)
            try scratch.file(".events/experiments/e-0.jsonl", Written.event("lab"))
            try watcher.await(service: "lab", of: "e")
            #expect(watcher.states == [.polling])
            flag.isSet = false
            #expect(try watcher.await(.watching) == nil)
            try scratch.append(".events/experiments/e-0.jsonl", Written.event("late"))
            try watcher.await(service: "late", of: "e")
            #expect(watcher.states == [.polling, .watching])
        }
    }

    /// The kernel has one watch for a folder, by however many names it is reached.
    @Test func linkBesideAnExperimentTakesNothingWithIt() throws {
        try write("first")
        try watching { watcher in
            #expect(try watcher.await(.watching) == nil)
            try scratch.link("experiments/alias", to: "first")
            // What happens in a folder is told in its order: then the link has been seen.
            try write("second")
            try watcher.await(service: "board", of: "second")
            try scratch.remove("experiments/alias")
            try write("third")
            try watcher.await(service: "board", of: "third")
            try scratch.file(
                "experiments/first/20261122_124842/status.json", Written.status("done", Written.service("late")))
            try watcher.await(service: "late", of: "first")
        }
    }

    @Test func runThatTakesAnothersPlaceIsReadAnew() throws {
        try write("first")
        try scratch.file("aside/new/status.json", Written.status("done", Written.service("other")))
        try watching { watcher in
            #expect(try watcher.await(.watching) == nil)
            try watcher.hold(by: { try write("second") }) {
                try scratch.move("experiments/first/\(run)", to: "aside/old")
                try scratch.move("aside/new", to: "experiments/first/\(run)")
            }
            try watcher.await(service: "other", of: "first")
        }
    }

    @Test func runThatTakesAnothersPlaceIsWatchedItself() throws {
        try scratch.folder("experiments/first/\(run)")
        try scratch.folder("aside")
        try watching { watcher in
            #expect(try watcher.await(.watching) == nil)
            try watcher.hold(by: { try write("second") }) {
                try scratch.move("experiments/first/\(run)", to: "aside/old")
                try scratch.folder("experiments/first/\(run)")
                try write("third")
            }
            try watcher.await(service: "board", of: "third")
            try write("first")
            try watcher.await(service: "board", of: "first")
        }
    }

    @Test func folderAroundThatIsRenamedTakesTheWorkspaceAway() throws {
        try scratch.file("a/b/w/experiments/first/\(run)/status.json", Written.status("done", Written.service("board")))
        let watcher = try RunningWatcher(scratch.root + "/a/b/w") { WatchingSystem(interval: 10) }
        defer { #expect(throws: Never.self) { try watcher.stop() } }
        #expect(try watcher.await(.watching) == nil)
        try scratch.move("a", to: "c")
        _ = try watcher.await(.missing)
        // Another one in its place is watched like the first.
        try scratch.file(
            "a/b/w/experiments/second/\(run)/status.json", Written.status("done", Written.service("board")))
        try watcher.await(service: "board", of: "second")
        try watcher.await("the second watching") { _ in watcher.states == [.watching, .missing, .watching] }
        try scratch.file("a/b/w/experiments/third/\(run)/status.json", Written.status("done", Written.service("board")))
        try watcher.await(service: "board", of: "third")
    }

    @Test func folderAroundThatMovesInAnothersPlaceIsRead() throws {
        for (folder, name) in [("a", "first"), ("other", "second")] {
            try scratch.file(
                "\(folder)/w/experiments/\(name)/\(run)/status.json", Written.status("done", Written.service("board")))
        }
        let watcher = try RunningWatcher(scratch.root + "/a/w")
        defer { #expect(throws: Never.self) { try watcher.stop() } }
        #expect(try watcher.await(.watching) == nil)
        try scratch.move("a", to: "c")
        try scratch.move("other", to: "a")
        try watcher.await(service: "board", of: "second")
    }

    /// Files that are copied into a workspace come in any order.
    @Test(arguments: [["environment", "status"], ["status", "environment"]])
    func runThatWasLetGoOfIsDoneOnceItSaysSo(_ order: [String]) throws {
        try scratch.folder("experiments/first/\(run)")
        let texts = [
            "environment": #"{"run":{"status":"detached"}}"#,
            "status": Written.status("running", Written.service("board")),
        ]
        try watching { watcher in
            var count = try watcher.await("a run without a word") {
                if case .runs(let runs) = $0 { runs.map(\.status) == [.failed] && !runs[0].isDetached } else { false }
            }
            for name in order {
                let text = texts[name] ?? ""
                // In two pieces, as it is copied.
                try scratch.file("experiments/first/\(run)/\(name).json", String(text.prefix(9)))
                try scratch.append("experiments/first/\(run)/\(name).json", String(text.dropFirst(9)))
                count = try watcher.await(from: count, "\(name).json") {
                    guard case .runs(let runs) = $0, let run = runs.first else { return false }
                    return name == "status" ? !run.services.isEmpty : run.isDetached
                }
            }
            try watcher.await("its end") {
                guard case .runs(let runs) = $0, let run = runs.first else { return false }
                return run.isDetached && run.status == .done && !run.isComplete && run.services.map(\.id) == ["board"]
            }
        }
    }

    /// The kernel's own queue, which overflows while the watcher is held up.
    @Test func queueThatOverflowsLosesNothing() throws {
        let file = try PlainFile(path: "/proc/sys/fs/inotify/max_queued_events").bytes(limit: 64)
        let limit = try #require(Int(String(decoding: file, as: UTF8.self).filter(\.isNumber)))
        try #require(limit <= 1 << 20, "the queue of this machine is too long to be filled: \(limit)")
        try write("first")
        try scratch.file(".events/experiments/a-0.jsonl", "")
        try scratch.file(".events/experiments/b-0.jsonl", "")
        try watching { watcher in
            #expect(try watcher.await(.watching) == nil)
            try watcher.hold(by: { try write("second") }) {
                // Events of two files in turn, for equal ones that follow each other are one.
                let files = ["a", "b"].map { open("\(scratch.root)/.events/experiments/\($0)-0.jsonl", O_WRONLY) }
                defer { for file in files { close(file) } }
                for _ in 0...(limit / 2) { for file in files { #expect(Glibc.write(file, "\n", 1) == 1) } }
                try write("late")
            }
            try watcher.await(service: "board", of: "late")
            // It goes on as before.
            try write("after")
            try watcher.await(service: "board", of: "after")
        }
    }
}

/// Something that a test turns off while another thread looks.
private final class Flag: Sendable {
    private let value = Mutex(true)
    var isSet: Bool {
        get { value.withLock { $0 } }
        set { value.withLock { $0 = newValue } }
    }
}
