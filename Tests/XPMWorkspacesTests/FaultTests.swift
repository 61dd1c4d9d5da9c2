import Glibc
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
}
