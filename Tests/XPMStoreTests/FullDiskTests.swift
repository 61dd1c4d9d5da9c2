import GRDB
import Glibc
import Testing

@testable import XPMStore

@Suite(.enabled(if: SmallDisk.isPossible, "a full disk needs the right to mount a tmpfs; run the tests as root"))
struct FullDiskTests {
    @Test func failedCommitLeavesNothingAndTheNextWorksOnceThereIsRoom() throws {
        let scratch = try ScratchFolder()
        let disk = try SmallDisk(in: scratch, kilobytes: 2048)
        let store = try Store(folder: "\(disk.path)/state")
        try store.commit([.putExperiment(Sample.experiment(1)), .putService(Sample.service(2, of: 1)), Sample.event(1)])
        try disk.fill()
        let error = #expect(throws: StoreError.self) {
            while true {
                let next = try store.load().lastSequence + 1
                try store.commit([
                    .updateService(key: 2, wanted: true, runtime: "\(next)"), Sample.event(next, bytes: 100_000),
                ])
            }
        }
        guard case .full = error else {
            Issue.record("not seen as full: \(String(describing: error))")
            return
        }
        let before = try store.load()
        #expect(
            before.services.first?.runtime
                == (before.lastSequence == 1 ? #"{"state":"STOPPED"}"# : "\(before.lastSequence)"))
        #expect(try store.allSequences() == Array(1...before.lastSequence))
        #expect(throws: StoreError.self) { try store.commit([Sample.event(before.lastSequence + 1, bytes: 100_000)]) }

        disk.makeRoom()
        try store.commit([Sample.event(before.lastSequence + 1, bytes: 100_000)])
        store.close()
        let reopened = try Store(folder: "\(disk.path)/state")
        #expect(try reopened.allSequences() == Array(1...before.lastSequence + 1))
        reopened.close()
    }

    @Test func openingOnAFullDiskSaysSo() throws {
        let scratch = try ScratchFolder()
        let disk = try SmallDisk(in: scratch, kilobytes: 256)
        try disk.fill()
        let error = #expect(throws: StoreError.self) { try Store(folder: "\(disk.path)/state") }
        guard case .full = error else {
            Issue.record("not seen as full: \(String(describing: error))")
            return
        }
        disk.makeRoom()
        try Store(folder: "\(disk.path)/state").close()
    }
}

/// What a test cannot make happen without a quota of its own.
@Suite struct FailureMeaningTests {
    @Test(arguments: [
        (ResultCode.SQLITE_IOERR_WRITE, EDQUOT, StoreError.full(path: "/f", cause: "Disk quota exceeded")),
        (.SQLITE_IOERR_FSYNC, ENOSPC, .full(path: "/f", cause: "No space left on device")),
        (.SQLITE_FULL, 0, .full(path: "/f", cause: "text")),
        (.SQLITE_IOERR_WRITE, EIO, .failed(path: "/f", cause: "text (Input/output error)")),
        (.SQLITE_CORRUPT, 0, .corrupt(path: "/f", cause: "text")),
        (.SQLITE_NOTADB, ENOSPC, .corrupt(path: "/f", cause: "text")),
        (.SQLITE_BUSY, ENOSPC, .failed(path: "/f", cause: "text")),
    ])
    func failureOfSQLiteHasItsMeaning(code: ResultCode, systemError: Int32, expected: StoreError) {
        let error = DatabaseError(resultCode: code, message: "text")
        #expect(StoreError(error, path: "/f", systemError: systemError) == expected)
    }
}
