import Glibc
import Logging
import NIOCore
import Testing
import XPMStore

@testable import XPMDaemon

/// Files that are lost while nothing is to be saved.
@Suite struct StateWatchTests {
    @Test(arguments: ["unlink", "rename", "truncate", "overwrite"]) func lossIsMendedWithoutACommit(_ deed: String)
        throws
    {
        let scratch = try Scratch()
        let folder = scratch.path + "/state"
        let fixture = try LedgerFixture(folder: folder)
        let loop = fixture.loop
        let mended = loop.makePromise(of: Void.self)
        let watch = try fixture.turn { ledger in
            ledger.contents = { Contents(lastSequence: 7, lastAttempt: 3, lastKey: 5) }
            ledger.rewritten = { mended.succeed() }
            let files = FileWatch(loop: loop, logger: Logger(label: "test"))
            let watch = StateWatch(folder: folder, files: files, loop: loop) { ledger.check() }
            return NIOLoopBound((files, watch), eventLoop: loop)
        }
        let database = folder + "/xpmd.sqlite"
        switch deed {
        case "unlink": unlink(database)
        case "rename": rename(database, scratch.path + "/elsewhere")
        case "overwrite":
            // As `cp` does.
            let file = open(database, O_WRONLY | O_TRUNC)
            let bytes = [UInt8](repeating: 7, count: 1 << 20)
            #expect(write(file, bytes, bytes.count) == bytes.count)
            close(file)
        default: truncate(database, 0)
        }
        try mended.futureResult.awaited("the database to be written anew")
        try fixture.turn { ledger in
            #expect(ledger.fault == nil && ledger.note?.contains("rebuilt") == true)
            watch.value.1.end()
            watch.value.0.close()
        }
        #expect(try fixture.store.load() == Contents(lastSequence: 7, lastAttempt: 3, lastKey: 5))
    }
}
