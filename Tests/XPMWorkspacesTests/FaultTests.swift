import Glibc
import Nobody
import Testing
import WorkspaceFixture
import XPMProtocol

@testable import XPMWorkspaces

/// What cannot be read is told from what is not there, with the system's own reason.
@Suite struct FaultTests {
    let scratch: WorkspaceFolder
    private let run = "20261122_124841"

    init() throws { scratch = try WorkspaceFolder() }

    @Test func faultIsThatOfTheCall() throws {
        let root = try Folder(scratch.root)
        #expect(throws: FileFault(code: ENOENT)) { try Folder(scratch.root + "/none") }
        #expect(throws: FileFault(code: ENOENT)) { try Folder("none", in: root) }
        #expect(throws: FileFault(code: ENOTDIR)) { try Folder(".__experimaestro__", in: root) }
        #expect(throws: FileFault(code: ENAMETOOLONG)) { try Folder(String(repeating: "n", count: 256), in: root) }
        #expect(throws: FileFault(code: ENOENT)) { try PlainFile("none", in: root) }
        #expect(throws: FileFault(code: ENOENT)) { try PlainFile("experiments", in: root) }
        #expect(throws: FileFault(code: ENOENT)) { try PlainFile(path: "/proc/none") }
        #expect(throws: FileFault(code: ENOENT)) { try InterpreterSearch.resolved(scratch.root + "/none") }
    }

    @Test func folderThatCannotBeWatchedSaysWhy() throws {
        #expect {
            try WorkspaceWatcher.locate(scratch.root + "/.__experimaestro__")
        } throws: { ($0 as? WireError)?.message.hasSuffix(": Not a directory") == true }
        #expect {
            try WorkspaceWatcher.locate(scratch.root + "/none")
        } throws: { ($0 as? WireError)?.message.hasSuffix(": No such file or directory") == true }
    }

    /// The place of a run of `e`.
    private func place(_ run: String) throws -> RunReading.Place {
        RunReading.Place(
            workspace: scratch.root, name: RunName(experiment: "e", run: run),
            folder: try Folder(try scratch.folder("experiments/e")), isRemote: false)
    }

    @Test func runThatHasVanishedIsNotUnreadable() throws {
        var reading = RunReading()
        #expect(reading.read(try place(run)) == nil)
        #expect(!reading.isUnreadable && reading.omissions.isEmpty)
    }

    @Test func runThatCannotBeReadSaysWhy() throws {
        var reading = RunReading()
        #expect(reading.read(try place(String(repeating: "n", count: 256))) == nil)
        #expect(reading.isUnreadable)
        #expect(reading.omissions.first?.reason.hasSuffix(": File name too long") == true)
    }

    @Test func experimentThatCannotBeReadSaysWhy() throws {
        let folder = try scratch.folder("experiments/e")
        try scratch.folder("experiments/f/\(run)")
        chmod(scratch.root, 0o755)
        chmod(folder, 0)
        defer { chmod(folder, 0o755) }
        let seen = SeenRuns(scratch)
        // One goes while the others are read.
        asNobody { seen.readAll { if $0 == "f" { rename("\(scratch.root)/experiments/f", "\(scratch.root)/g") } } }
        #expect(seen.reader.complaint == "cannot read \(folder): Permission denied")
        #expect(seen.reader.isUnreadable("e") && !seen.reader.isUnreadable("f"))
    }

    @Test func statusThatCannotBeReadIsNotAMissingOne() throws {
        let file = try scratch.file(
            "experiments/e/\(run)/status.json", Written.status("done", Written.service("board")))
        chmod(scratch.root, 0o755)
        let seen = SeenRuns(scratch)
        chmod(file, 0)
        asNobody { seen.readAll() }
        #expect(seen[run] == nil)
        #expect(seen.reader.complaint?.hasSuffix("/\(run)/status.json: Permission denied") == true)
        // It is tried again, for nothing tells when it can be read.
        #expect(seen.reader.isUnreadable("e"))
        chmod(file, 0o644)
        asNobody { seen.read("e") }
        #expect(seen.statuses(of: run) == [.done])
        #expect(seen.reader.complaint == nil && !seen.reader.isUnreadable("e"))
    }

    @Test func runWhoseStatusCannotBeReadHasNotFailed() throws {
        let file = try scratch.file(
            "experiments/e/\(run)/status.json", Written.status("running", Written.service("board")))
        chmod(scratch.root, 0o755)
        let seen = SeenRuns(scratch)
        let lock = try TakenLock("e", of: scratch)
        asNobody { seen.readAll() }
        chmod(file, 0)
        asNobody { seen.read("e") }
        #expect(seen.statuses(of: run) == [.open] && seen[run]?.services.map(\.id) == ["board"])
        lock.release()
        asNobody { seen.read("e") }
        #expect(seen.statuses(of: run) == [.open] && seen.reader.isUnreadable("e"))
        try scratch.remove("experiments/e/\(run)/status.json")
        try scratch.file("experiments/e/\(run)/status.json", Written.status("done", Written.service("board")))
        asNobody { seen.read("e") }
        #expect(seen.statuses(of: run) == [.open, .done])
    }

    /// Makes a folder whose name is the bytes of `name` and one that is no text.
    private func makeForeign(_ name: String) {
        mkdir(Array("\(scratch.root)/\(name)".utf8CString.dropLast()) + [-1, 0], 0o700)
    }

    @Test func namesThatAreNotTextAreToldOf() throws {
        let seen = SeenRuns(scratch)
        try scratch.file("experiments/e/\(run)/status.json", Written.status("done", Written.service("board")))
        makeForeign("experiments/grö")
        makeForeign("experiments/e/2026")
        seen.readAll()
        #expect(seen[run]?.services.map(\.id) == ["board"])
        #expect(
            seen.reader.complaint == #"cannot list the experiment 'gr\xc3\xb6\xff': its name is not UTF-8; and 1 more"#)
        rmdir(Array("\(scratch.root)/experiments/grö".utf8CString.dropLast()) + [-1, 0])
        seen.readAll()
        #expect(seen.reader.complaint == #"cannot list the run 'e/2026\xff': its name is not UTF-8"#)
        rmdir(Array("\(scratch.root)/experiments/e/2026".utf8CString.dropLast()) + [-1, 0])
        seen.read("e")
        #expect(seen.reader.complaint == nil)
    }

    /// Names that are refused come and go while the workspace is watched, and nothing else happens in it.
    @Test(arguments: [[CChar]([-1, 0]), Array(":".utf8CString)]) func refusedNameIsToldOfAsItComesAndGoes(end: [CChar])
        throws
    {
        try scratch.file("experiments/e/\(run)/status.json", Written.status("done", Written.service("board")))
        let watcher = try RunningWatcher(scratch.root)
        let path = Array("\(scratch.root)/experiments/g".utf8CString.dropLast()) + end
        var count = try watcher.await("the first state") { if case .state(.watching, nil) = $0 { true } else { false } }
        mkdir(path, 0o700)
        count = try watcher.await(from: count, "the complaint") { piece in
            if case .state(.watching, let error?) = piece { error.hasPrefix("cannot ") } else { false }
        }
        rmdir(path)
        try watcher.await(from: count, "the end of it") { if case .state(.watching, nil) = $0 { true } else { false } }
        try watcher.stop()
    }
}
