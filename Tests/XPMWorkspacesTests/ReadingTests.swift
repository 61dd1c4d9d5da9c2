import Glibc
import Synchronization
import Testing
import WorkspaceFixture
import XPMProtocol

@testable import XPMWorkspaces

/// Reading whole folders: what is found, and what is left out.
@Suite struct ReadingTests {
    let scratch: WorkspaceFolder
    private let run = "20261122_124841"

    init() throws { scratch = try WorkspaceFolder() }

    /// All runs of the workspace as they are read for the first time.
    private func read() -> (runs: [RunName: FoundRun], complaint: String?) {
        let found = Mutex([RunName: FoundRun]())
        let reader = WorkspaceReader(root: scratch.root, isRemote: false) { news in
            if case .runs(let runs) = news { found.withLock { all in for run in runs { all[run.name] = run } } }
        }
        reader.readAll { _ in }
        return (found.withLock { $0 }, reader.complaint)
    }

    private func name(_ experiment: String, _ run: String) -> RunName { RunName(experiment: experiment, run: run) }

    /// A modification long ago: what is torn in it stays so.
    private func age(_ file: String) {
        var times = [timeval(tv_sec: 1_700_000_000, tv_usec: 0), timeval(tv_sec: 1_700_000_000, tv_usec: 0)]
        utimes("\(scratch.root)/\(file)", &times)
    }

    @Test func endedRunIsAsItsStatusSays() throws {
        try scratch.file("experiments/e/\(run)/status.json", Written.status("done", Written.service("board")))
        try scratch.link("experiments/e/current", to: run)
        let found = try #require(read().runs[name("e", run)])
        #expect(found.status == .done && found.isComplete)
        #expect(found.services.map(\.id) == ["board"])
        #expect(found.startedAt == LocalTime.parse("2026-11-22T12:48:41.173"))
    }

    /// Another user may give a file any time; ext4 keeps those of the year 2300, tmpfs all of them.
    @Test(arguments: [10_413_792_000, -10_413_792_000, 9_223_372_037, 253_402_300_800, Int.max, .min])
    func statusOfAnyTimeIsRead(seconds: Int) throws {
        let file = "experiments/e/\(run)/status.json"
        try scratch.file(file, Written.status("running", Written.service("board")))
        try scratch.link("experiments/e/current", to: run)
        for name in [file, "experiments/e", "experiments/e/\(run)"] {
            var times = [timespec(tv_sec: seconds, tv_nsec: 0), timespec(tv_sec: seconds, tv_nsec: 1)]
            try #require(utimensat(AT_FDCWD, "\(scratch.root)/\(name)", &times, AT_SYMLINK_NOFOLLOW) == 0)
        }
        let found = try #require(read().runs[name("e", run)])
        #expect(found.services.map(\.id) == ["board"] && found.endedAt != nil)
    }

    @Test(arguments: [Int.min, -9_223_372_037, 0, 9_223_372_037, .max]) func stampOfAnyTimeCanBeCompared(seconds: Int) {
        var status = stat()
        status.st_mtim = timespec(tv_sec: seconds, tv_nsec: 999_999_999)
        let stamp = PlainFile.Stamp(status)
        status.st_mtim.tv_nsec = 0
        // Also where nanoseconds since 1970 have no room for it.
        #expect(stamp != PlainFile.Stamp(status))
        #expect(!stamp.isFresh(within: 2) && (stamp.modified < 0) == (seconds < 0))
    }

    @Test func crashedRunHasTheServicesOfItsEvents() throws {
        try scratch.file(
            "experiments/e/\(run)/status.json", Written.status("running", Written.service("board"), events: 1))
        try scratch.link("experiments/e/current", to: run)
        try scratch.file(".events/experiments/e-0.jsonl", Written.event("before"))
        try scratch.file(
            ".events/experiments/e-1.jsonl",
            Written.event("lab") + Written.event("board", state: #"{"no":1}"#) + Written.event("cut").dropLast(9))
        try scratch.file(
            ".events/experiments/e-2.jsonl",
            Written.event("leak", state: #"{"p":{"__path__":"\#(scratch.root)/experiments/e-b/x"}}"#)
                + Written.event("other", run: "20200101_000000") + Written.event("late"))
        try scratch.file(".events/experiments/e-b-5.jsonl", Written.event("stranger"))
        let found = try #require(read().runs[name("e", run)])
        #expect(found.status == .failed && !found.isComplete)
        #expect(found.services.map(\.id) == ["board", "lab", "late"])
        #expect(found.services[0].stateDict.members.isEmpty)
    }

    @Test func truncatedStatusIsNone() throws {
        let file = "experiments/e/\(run)/status.json"
        try scratch.file(file, String(Written.status("running", Written.service("board")).dropLast(30)))
        age(file)
        try scratch.file("experiments/e/\(run)/events/event-0.jsonl", Written.event("lab"))
        let found = try #require(read().runs[name("e", run)])
        #expect(found.status == .failed)
        #expect(found.services.map(\.id) == ["lab"])
        #expect(found.startedAt == LocalTime.ofRun(run))
    }

    @Test func detachedRunIsDone() throws {
        try scratch.file("experiments/e/\(run)/status.json", Written.status("running"))
        try scratch.file("experiments/e/\(run)/environment.json", #"{"run":{"status":"detached"}}"#)
        #expect(read().runs[name("e", run)]?.status == .done)
    }

    @Test func linksPipesAndStrangersAreNoRuns() throws {
        let elsewhere = try WorkspaceFolder()
        try elsewhere.file("r/status.json", Written.status("done"))
        try scratch.folder("experiments/e/notes")
        try scratch.folder("experiments/e/.hidden")
        try scratch.link("experiments/e/20261122_000000", to: "\(elsewhere.root)/r")
        try scratch.folder("experiments/e/20261122_000001")
        mkfifo("\(scratch.root)/experiments/e/20261122_000001/status.json", 0o600)
        try scratch.folder("experiments/e/20261122_000002")
        try scratch.link("experiments/e/20261122_000002/status.json", to: "\(elsewhere.root)/r/status.json")
        try scratch.folder("experiments/bad:name/20261122_000003")
        try scratch.file("experiments/e/a@b/status.json", Written.status("done"))
        let (runs, complaint) = read()
        #expect(Set(runs.keys.map(\.run)) == ["20261122_000001", "20261122_000002"])
        #expect(runs.values.allSatisfy { $0.services.isEmpty && $0.status == .failed })
        #expect(complaint?.contains("and 1 more") == true)
    }

    /// An experiment may stand on another disk; another name for one beside it is no experiment.
    @Test func linkLeadsToAnExperimentThatIsElsewhere() throws {
        let status = Written.status("done", Written.service("board"))
        for folder in ["experiments/e", "elsewhere/f"] { try scratch.file("\(folder)/\(run)/status.json", status) }
        try scratch.link("experiments/alias", to: "e")
        try scratch.link("experiments/linked", to: "\(scratch.root)/elsewhere/f")
        try scratch.link("experiments/second-link", to: "../elsewhere/f")
        try scratch.link("experiments/broken", to: "nowhere")
        #expect(Set(read().runs.keys) == [name("e", run), name("linked", run)])
    }

    @Test func networkRunOfAnotherMachineMayGoOn() throws {
        try scratch.file("experiments/e/\(run)/status.json", Written.status("running", host: "elsewhere"))
        let found = Mutex([FoundRun]())
        let reader = WorkspaceReader(root: scratch.root, isRemote: true) { news in
            if case .runs(let runs) = news { found.withLock { $0 += runs } }
        }
        reader.readAll { _ in }
        #expect(found.withLock { $0.map(\.status) } == [.open])
    }

    @Test func appendedEventsAreReadOnce() throws {
        var reading = EventReading()
        try scratch.file("e-0.jsonl", "one\ntwo\npar")
        let folder = try Folder(scratch.root)
        func lines() -> [String] {
            var lines: [String] = []
            reading.read("e-0.jsonl", in: folder) { lines.append(String(decoding: $0, as: UTF8.self)) }
            return lines
        }
        #expect(lines() == ["one", "two"])
        #expect(lines() == [])
        try scratch.append("e-0.jsonl", "t\nlast\n")
        #expect(lines() == ["part", "last"])
        // Another file of the same name is read from its beginning.
        try scratch.file("e-0.jsonl", "new\n")
        #expect(lines() == ["new"])
    }

    @Test func longLineIsNotKept() throws {
        var reading = EventReading()
        try scratch.file("e-0.jsonl", String(repeating: "x", count: 5 << 20) + "\nafter\n")
        let folder = try Folder(scratch.root)
        var lines: [Int] = []
        reading.read("e-0.jsonl", in: folder) { lines.append($0.count) }
        #expect(lines.last == 5)
        #expect(lines.allSatisfy { $0 <= ServiceAddition.lineLimit + 1 << 20 })
    }

    @Test func nothingIsWritten() throws {
        try scratch.file("experiments/e/\(run)/status.json", Written.status("running", Written.service("board")))
        try scratch.file(".events/experiments/e-0.jsonl", Written.event("lab"))
        let before = try Listing(scratch.root)
        _ = read()
        #expect(try Listing(scratch.root) == before)
    }
}
