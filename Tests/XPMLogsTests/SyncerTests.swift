import CLinux
import Glibc
import Testing

@testable import XPMLogs

/// Rotations on a disk that is behind.
struct SyncerTests {
    /// A disk that writes nothing before it may, and the syncer that waits for it, having begun with a first file.
    private struct Disk {
        let gate = Gate()
        let syncer: Syncer

        init(_ folder: Scratch) throws {
            syncer = Syncer { [gate] _ in gate.pass() }
            syncer.sync([try folder.open("first")], folder.path + "/out")
            gate.awaitSomebody()
        }
    }

    @Test func whatWasDeletedTakesNoRoom() throws {
        let folder = try Scratch()
        let disk = try Disk(folder)
        defer { disk.gate.open() }
        for number in 0..<1000 {
            #expect(disk.syncer.hasRoom)
            disk.syncer.sync([try folder.open("\(number)")], folder.path + "/out")
            unlink(folder.path + "/\(number)")
        }
        #expect(disk.syncer.hasRoom)
    }

    @Test func whatIsKeptIsBounded() throws {
        let folder = try Scratch()
        let disk = try Disk(folder)
        defer { disk.gate.open() }
        var count = 0
        while disk.syncer.hasRoom, count < 1000 {
            disk.syncer.sync([try folder.open("\(count)")], folder.path + "/out")
            count += 1
        }
        #expect(count > 0 && count * 4 <= Syncer.mostFiles(of: Logger.mostFiles))
    }
}

/// Who passes waits until it is open.
private final class Gate: Sendable {
    private let asked: [OpenFile]
    private let opened: [OpenFile]

    init() { (asked, opened) = (Self.pipe(), Self.pipe()) }

    private static func pipe() -> [OpenFile] {
        var (reader, writer): (Int32, Int32) = (-1, -1)
        precondition(xpm_pipe(&reader, &writer) == 0)
        return [OpenFile(reader), OpenFile(writer)]
    }

    func pass() {
        var byte: UInt8 = 1
        _ = write(asked[1].descriptor, &byte, 1)
        var waited = pollfd(fd: opened[0].descriptor, events: Int16(POLLIN), revents: 0)
        while poll(&waited, 1, -1) < 0 && errno == EINTR {}
    }

    func awaitSomebody() {
        var byte: UInt8 = 0
        while read(asked[0].descriptor, &byte, 1) < 0 && errno == EINTR {}
    }

    func open() {
        var byte: UInt8 = 1
        _ = write(opened[1].descriptor, &byte, 1)
    }
}

extension Scratch {
    fileprivate func open(_ name: String) throws -> OpenFile {
        try OpenFile.open(path + "/" + name, O_WRONLY | O_CREAT)
    }
}
