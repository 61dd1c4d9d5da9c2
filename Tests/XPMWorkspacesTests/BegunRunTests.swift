import CLinux
import Glibc
import Synchronization
import Testing
import WorkspaceFixture
import XPMProtocol

@testable import XPMWorkspaces

/// Which run a live experiment is at, whatever the runs are named.
@Suite struct BegunRunTests {
    let scratch: WorkspaceFolder
    private let ahead = "20270101_000000"
    private let run = "20261124_121212"

    init() throws { scratch = try WorkspaceFolder() }

    private func write(_ run: String, _ word: String, _ service: String) throws {
        try scratch.file(
            "experiments/e/\(run)/status.json",
            Written.status(word, Written.service(service), events: word == "running" ? 0 : nil))
    }

    /// The run goes on, and was read.
    private func seenLive() throws -> (lock: TakenLock, seen: SeenRuns) {
        let lock = try TakenLock("e", of: scratch)
        try write(run, "running", "new")
        try scratch.link("experiments/e/current", to: run)
        let seen = SeenRuns(scratch)
        seen.readAll()
        return (lock, seen)
    }

    /// Waits until the file system's clock has moved on, by which times of birth differ.
    private func awaitTick() throws {
        func now() throws -> Int64 {
            try scratch.file("tick", "")
            defer { unlink("\(scratch.root)/tick") }
            return xpm_birth_time(AT_FDCWD, "\(scratch.root)/tick")
        }
        let before = try now()
        while try now() == before { sched_yield() }
    }

    @Test(arguments: ["done", "running"])
    func liveRunMayHaveAnEarlierNameThanAPastOne(_ word: String) throws {
        try write(ahead, word, "old")
        try scratch.link("experiments/e/current", to: ahead)
        let seen = SeenRuns(scratch)
        seen.readAll()
        #expect(seen[ahead]?.status == (word == "done" ? .done : .failed))

        let lock = try TakenLock("e", of: scratch)
        defer { lock.release() }
        try write(run, "running", "new")
        try scratch.link("experiments/e/current", to: run)
        try scratch.file(".events/experiments/e-0.jsonl", Written.event("live"))
        seen.read("e")
        let anew = SeenRuns(scratch)
        anew.readAll()
        for seen in [seen, anew] {
            #expect(seen[run]?.status == .open)
            #expect(seen[run]?.services.map(\.id) == ["new", "live"])
            #expect(seen[ahead]?.status == (word == "done" ? .done : .failed))
            #expect(seen[ahead]?.services.map(\.id) == ["old"])
        }
    }

    /// Between its folder and the link the run has no status.json for a while.
    @Test(arguments: ["20261101_000000", "20270101_000000"], ["done", "running"])
    func runAheadOfTheLinkIsTheLiveOne(_ past: String, _ word: String) throws {
        try write(past, word, "old")
        try scratch.link("experiments/e/current", to: past)
        let seen = SeenRuns(scratch)
        seen.readAll()
        let lock = try TakenLock("e", of: scratch)
        defer { lock.release() }
        try scratch.folder("experiments/e/\(run)")
        seen.read("e")
        #expect(seen[run]?.status == .open)
        try write(run, "running", "new")
        seen.read("e")
        #expect(seen[run]?.services.map(\.id) == ["new"])
        // It is removed before it is made anew.
        try scratch.remove("experiments/e/current")
        seen.read("e")
        try scratch.link("experiments/e/current", to: run)
        seen.read("e")
        #expect(seen.statuses(of: run) == [.open])
        #expect(!seen.statuses(of: past).contains(.open))
    }

    @Test func runAheadOfTheLinkIsToldByItsBirthToo() throws {
        try write("20261101_000000", "running", "old")
        try scratch.link("experiments/e/current", to: "20261101_000000")
        try awaitTick()
        let lock = try TakenLock("e", of: scratch)
        defer { lock.release() }
        try scratch.folder("experiments/e/\(run)")
        try scratch.file(".events/experiments/e-0.jsonl", Written.event("live"))
        let seen = SeenRuns(scratch)
        seen.readAll()
        #expect(seen[run]?.status == .open)
        #expect(seen[run]?.services.map(\.id) == ["live"])
        #expect(seen["20261101_000000"]?.status == .failed)
        #expect(seen["20261101_000000"]?.services.map(\.id) == ["old"])
    }

    @Test(arguments: ["done", "running"])
    func runThatIsCopiedInLeavesTheLiveOneAlone(_ word: String) throws {
        let (lock, seen) = try seenLive()
        defer { lock.release() }
        try awaitTick()
        try write("20261101_000000", word, "old")
        seen.read("e")
        try scratch.file("experiments/e/20261102_000000/environment.json", "{}")
        seen.read("e")
        #expect(seen.statuses(of: run).allSatisfy { $0 == .open })
        #expect(seen["20261101_000000"]?.status == (word == "done" ? .done : .failed))
        #expect(seen["20261102_000000"]?.status == .failed)
    }

    /// A reading of many experiments takes a while, and the locks are looked up at its beginning.
    @Test(arguments: [true, false])
    func runThatIsBegunDuringAReadingIsOpen(_ isFirst: Bool) throws {
        try write("20261101_000000", "done", "old")
        try scratch.link("experiments/e/current", to: "20261101_000000")
        let seen = SeenRuns(scratch)
        if !isFirst { seen.readAll() }
        var lock: TakenLock?
        defer { lock?.release() }
        seen.readAll { _ in
            #expect(throws: Never.self) {
                lock = try TakenLock("e", of: scratch)
                try write(run, "running", "new")
                try scratch.link("experiments/e/current", to: run)
            }
        }
        #expect(seen.statuses(of: run) == [.open])
    }

    @Test func folderBesideTheRunsIsNoRun() throws {
        let (lock, seen) = try seenLive()
        defer { lock.release() }
        try awaitTick()
        try scratch.folder("experiments/e/notes")
        for _ in 0..<2 { seen.read("e") }
        let anew = SeenRuns(scratch)
        anew.readAll()
        for seen in [seen, anew] { #expect(seen.statuses(of: run) == [.open]) }
    }

    @Test func linkThatIsGoneLeavesTheLiveRunAlone() throws {
        try write(ahead, "done", "old")
        let (lock, seen) = try seenLive()
        defer { lock.release() }
        try scratch.remove("experiments/e/current")
        seen.read("e")
        #expect(seen.statuses(of: run).allSatisfy { $0 == .open })
        #expect(seen.statuses(of: ahead) == [.done])
    }
}
