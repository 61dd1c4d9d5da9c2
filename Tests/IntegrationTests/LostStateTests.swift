import Glibc
import Testing
import XPMProtocol

/// A state folder or a database that is taken from under a running xpmd.
@Suite struct LostStateTests {
    private func remove(_ folder: String) throws {
        _ = try ChildProcess(["/bin/rm", "-rf", folder], environment: [:]).wait()
    }

    @Test func whatIsAcknowledgedAfterTheStateFolderWasRemovedOutlivesACrash() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let run = try xpmd.open("lab")
            try xpmd.addScript("before", "exec sleep 1000", to: run)
            let pid = try xpmd.start("before").pid
            try remove(xpmd.state)
            try xpmd.addScript("after", "exec sleep 1000", to: run)
            #expect(try xpmd.start("after").state == .running)
            #expect(try xpmd.status().storageNote != nil)
            try xpmd.crash()
            try xpmd.launch()
            #expect(try xpmd.list().map(\.identity.id) == ["before", "after"])
            #expect(try xpmd.service("before").pid == pid)
            #expect(try xpmd.call(ListStrays()).strays.isEmpty)
        }
    }

    @Test func anotherDatabaseInTheOnesPlaceIsKeptAndChangesAreRefused() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let run = try xpmd.open("lab")
            let precious = try xpmd.scratch.file("backup", "precious")
            rename(precious, xpmd.state + "/xpmd.sqlite")
            let refused = try xpmd.ctl("add", "late", "--", "sleep", "1000")
            #expect(
                refused.code == 9 && refused.errors.contains("it was replaced while xpmd had it open"), "\(refused)")
            #expect(try xpmd.status().storageFault?.contains("it was replaced while xpmd had it open") == true)
            #expect(text(of: xpmd.state + "/xpmd.sqlite") == "precious")
            rename(xpmd.state + "/xpmd.sqlite", precious)
            try xpmd.add("late", ["sleep", "1000"], to: run)
            try xpmd.crash()
            try xpmd.launch()
            #expect(try xpmd.list().map(\.identity.id) == ["late"])
        }
    }
}
