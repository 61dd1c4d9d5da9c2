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

    @Test func whatIsAcknowledgedAfterTheDatabaseWasOverwrittenOutlivesACrash() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let run = try xpmd.open("lab")
            try xpmd.addScript("before", "exec sleep 1000", to: run)
            let pid = try xpmd.start("before").pid
            let other = try xpmd.scratch.file("other", String(repeating: "not what it was ", count: 40_000))
            _ = try ChildProcess(["/bin/cp", other, xpmd.state + "/xpmd.sqlite"], environment: [:]).wait()
            try xpmd.addScript("after", "exec sleep 1000", to: run)
            #expect(try xpmd.start("after").state == .running)
            let note = try xpmd.status().storageNote
            #expect(note?.contains("was overwritten while xpmd had it open") == true, "\(note ?? "")")
            try xpmd.crash()
            try xpmd.launch()
            #expect(try xpmd.list().map(\.identity.id) == ["before", "after"])
            #expect(try xpmd.service("before").pid == pid)
            #expect(try xpmd.call(ListStrays()).strays.isEmpty)
        }
    }

    @Test func aLogThatIsRemovedUnderItsServiceIsToldOf() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let lines = try Tidings("lines", of: xpmd)
            let script = "while read line < \(lines.path); do echo said; done"
            try xpmd.addScript("board", script, to: xpmd.open("lab"))
            let log = try #require(try xpmd.start("board").stdout)
            let tape = try EventTape(xpmd.socket)
            try remove(xpmd.state + "/logs")
            try lines.letGo()
            try tape.await { $0.cause?.contains("its log \(log)") == true }
            #expect(try xpmd.service("board").notes.contains { $0.contains(log) })
            // It is made anew, with its folder, and nothing is lost.
            let made = try xpmd.call(
                ServiceLogs(ServiceReference(id: "board"), stream: .stdout, offset: 0, waitSeconds: 60))
            #expect(try made.piece.text == "said\n", "\(made)")
            #expect(try xpmd.ctl("restart", "board").code == 0)
            #expect(try xpmd.service("board").notes.isEmpty && access(log, F_OK) == 0)
        }
    }

    /// By the note a shell with another runtime folder finds the daemon.
    @Test(arguments: [false, true]) func noteOfWhereItServesComesBack(withItsFolder: Bool) throws {
        try withInstance { xpmd in
            try xpmd.launch()
            try xpmd.addScript("before", "exec sleep 1000", to: xpmd.open("lab"))
            let note = xpmd.state + "/daemon.json"
            if withItsFolder { rename(xpmd.state, xpmd.state + ".old") } else { unlink(note) }
            try awaitChange(in: xpmd.state) { access(note, F_OK) == 0 }
            let elsewhere = xpmd.scratch.path + "/elsewhere"
            mkdir(elsewhere, 0o700)
            let found = try xpmd.finish(xpmd.startCtl(["list"], environment: ["XPMD_RUNTIME_DIR": elsewhere]))
            #expect(found.code == 0 && found.output.contains("before"), "\(found)")
            #expect(access(xpmd.state + "/xpmd.lock", F_OK) == 0)
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
