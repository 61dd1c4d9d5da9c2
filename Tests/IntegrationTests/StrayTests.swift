import Glibc
import Testing
import XPMProtocol

/// That no record knows a process is no reason to end it.
@Suite struct StrayTests {
    /// A service that runs, its xpmd gone with --keep-services, and its database moved away.
    private func loseRecord(_ xpmd: Instance, _ script: String = "exec sleep 1000") throws -> Int32 {
        try xpmd.launch()
        try xpmd.addScript("board", script, to: xpmd.open("lab"))
        let pid = try #require(try xpmd.start("board").pid)
        try xpmd.call(StopDaemon(keepServices: true))
        _ = try xpmd.awaitEnd()
        for suffix in ["", "-wal", "-shm"] {
            rename("\(xpmd.state)/xpmd.sqlite\(suffix)", "\(xpmd.state)/lost.sqlite\(suffix)")
        }
        try xpmd.launch()
        return pid
    }

    private func stray(_ xpmd: Instance) throws -> StrayRecord {
        let strays = try xpmd.call(ListStrays()).strays
        #expect(strays.count == 1)
        return try #require(strays.first)
    }

    @Test func lostDatabaseEndsNothingAndIsToldOf() throws {
        try withInstance { xpmd in
            let pid = try loseRecord(xpmd)
            #expect(try xpmd.list().isEmpty)
            #expect(Processes.isAlive(pid))
            let stray = try stray(xpmd)
            #expect(
                stray.pid == pid && stray.command == ["sleep", "1000"] && stray.folder == xpmd.workspace, "\(stray)")
            #expect(stray.service?.fullName == "lab@r1:board" && stray.stdout?.hasSuffix(".out") == true, "\(stray)")
            #expect(stray.since.map { $0 <= .now } == true)
            #expect(try xpmd.status().strays == 1)
            let list = try xpmd.ctl("list")
            #expect(list.code == 0 && list.errors.contains("1 stray: see `xpmctl strays`"), "\(list)")
            #expect(try xpmd.ctl("prune", "--yes").code == 0)
            #expect(stray.stdout.map { access($0, F_OK) } == 0)
            let strays = try xpmd.ctl("strays")
            #expect(strays.output.contains("\(pid)") && strays.output.contains("sleep 1000"), "\(strays)")
            #expect(try xpmd.ctl("strays", "stop", "\(pid)").code == 0)
            #expect(!Processes.isAlive(pid))
            #expect(try xpmd.call(ListStrays()).strays.isEmpty)
        }
    }

    @Test func damagedRowLosesNoProcess() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            try xpmd.addScript("board", "exec sleep 1000", to: xpmd.open("lab"))
            let pid = try #require(try xpmd.start("board").pid)
            try xpmd.call(StopDaemon(keepServices: true))
            _ = try xpmd.awaitEnd()
            try damage(xpmd.state + "/xpmd.sqlite", "\"phase\"", "\"PHASE\"")
            try xpmd.launch()
            #expect(try stray(xpmd).pid == pid && Processes.isAlive(pid))
            #expect(try xpmd.ctl("strays", "stop", "board").code == 0)
        }
    }

    @Test func anotherStateFolderHasNoSayOverServices() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            for id in ["one", "two"] { try xpmd.addScript(id, "exec sleep 1000", to: xpmd.open("lab")) }
            let pids = try ["one", "two"].map { try #require(try xpmd.start($0).pid) }
            try xpmd.call(StopDaemon(keepServices: true))
            _ = try xpmd.awaitEnd()
            let own = xpmd.state
            xpmd.environment["XPMD_STATE_DIR"] = xpmd.scratch.path + "/other"
            try xpmd.launch()
            #expect(try xpmd.call(ListStrays()).strays.map(\.pid) == pids)
            // Numbers that the keeper knows are not given out again.
            try xpmd.addScript("mine", "exec sleep 1000", to: xpmd.open("lab"))
            #expect(try xpmd.start("mine").attempt.map { $0 > 2 } == true)
            try xpmd.stop("mine")
            try xpmd.call(StopDaemon())
            _ = try xpmd.awaitEnd()
            #expect(pids.allSatisfy(Processes.isAlive))
            xpmd.environment["XPMD_STATE_DIR"] = own
            try xpmd.launch()
            #expect(try xpmd.list().map(\.pid) == pids)
            #expect(try xpmd.call(ListStrays()).strays.isEmpty)
            for id in ["one", "two"] { #expect(try xpmd.stop(id).state == .stopped) }
        }
    }

    @Test func adoptedStrayIsAnOrdinaryService() throws {
        try withInstance { xpmd in
            let pid = try loseRecord(xpmd, "export GREETING='good day'; exec sh -c 'echo $GREETING; sleep 1000; :'")
            #expect(try xpmd.ctl("strays", "adopt", "\(pid)", "--name", "found").code == 0)
            let adopted = try xpmd.service("found")
            #expect(adopted.state == .running && adopted.pid == pid && adopted.wanted, "\(adopted)")
            let definition = try xpmd.call(GetService(ServiceReference(id: "found"))).definition
            #expect(definition.run == .command(["sh", "-c", "echo $GREETING; sleep 1000; :"]), "\(definition)")
            #expect(definition.folder == xpmd.workspace && definition.environment?["GREETING"] == "good day")
            #expect(definition.environment?.keys.contains { $0.hasPrefix("XPM_") } == false)
            #expect(try xpmd.log("found") == "good day\n")
            #expect(try xpmd.ctl("prune", "--yes").code == 0)
            #expect(try xpmd.log("found") == "good day\n")
            #expect(try xpmd.call(ListStrays()).strays.isEmpty)
            // It is on record, and its keeper still tells of it.
            try xpmd.crash()
            try xpmd.launch()
            #expect(try xpmd.service("found").pid == pid)
            #expect(try xpmd.stop("found").state == .stopped)
            #expect(!Processes.isAlive(pid))
            #expect(try xpmd.start("found").state == .running)
            #expect(try xpmd.log("found") == "good day\ngood day\n")
        }
    }

    @Test func endOfAnAdoptedStrayIsSeen() throws {
        try withInstance { xpmd in
            let pid = try loseRecord(xpmd)
            #expect(try xpmd.ctl("strays", "adopt", "board").code == 0)
            #expect(try xpmd.service("lab@r1:board").pid == pid)
            kill(pid, SIGKILL)
            let ended = try xpmd.wait("board", for: .ended)
            #expect(ended.state == .error && ended.exit?.signal == "SIGKILL", "\(ended)")
        }
    }

    @Test func serviceIsNotStartedBesideItsStrayAndTakesItOver() throws {
        try withInstance { xpmd in
            let pid = try loseRecord(xpmd)
            try xpmd.add("board", ["sleep", "2000"], to: xpmd.open("lab"))
            let refused = try xpmd.ctl("start", "board")
            #expect(refused.code == 8 && refused.errors.contains("process \(pid)"), "\(refused)")
            #expect(refused.errors.contains("xpmctl strays"), "\(refused)")
            let restart = try xpmd.ctl("restart", "board")
            #expect(restart.code == 8 && restart.errors.contains("process \(pid)"), "\(restart)")
            #expect(try xpmd.ctl("strays", "adopt", "\(pid)").code == 0)
            #expect(try xpmd.service("board").pid == pid)
            let definition = try xpmd.call(GetService(ServiceReference(id: "board"))).definition
            #expect(definition.run == .command(["sleep", "2000"]))
        }
    }

    @Test func serviceIsNotStartedBesideItsStrayForOthersEither() throws {
        try withInstance { xpmd in
            let pid = try loseRecord(xpmd)
            let run = try xpmd.open("lab")
            try xpmd.add("board", ["sleep", "2000"], to: run)
            for (id, definition) in [
                ("user", { $0.requires = ["board"] }), ("indirect", { $0.requires = ["user"] }),
                ("late", { $0.requiresCompleted = ["board"] }), ("loose", { $0.wants = ["board"] }),
            ] as [(String, (inout ServiceDefinition) -> Void)] {
                try xpmd.addScript(id, "exec sleep 1000", to: run, defining: definition)
            }
            for id in ["user", "indirect", "late"] {
                let refused = try xpmd.ctl("start", id)
                #expect(refused.code == 8 && refused.errors.contains("process \(pid)"), "\(refused)")
                #expect(
                    refused.errors.contains("'board', which it depends on") && refused.errors.contains("xpmctl strays"))
            }
            #expect(try xpmd.start("loose").state == .running)
            // Required by what runs already.
            #expect(try xpmd.ctl("strays", "ignore", "\(pid)").code == 0)
            try xpmd.start("user")
            try Processes.kill(try #require(try xpmd.service("board").pid))
            #expect(try xpmd.wait("board", for: .ended).state == .error)
            #expect(try xpmd.ctl("strays", "ignore", "--undo", "\(pid)").code == 0)
            #expect(try xpmd.ctl("start", "user").code == 0)
            let board = try xpmd.service("board")
            #expect(
                board.state == .error && board.notes.contains { $0.contains("was not started for 'user'") }, "\(board)")
            #expect(try xpmd.ctl("start", "indirect").code == 8)
            #expect(Processes.isAlive(pid))
            #expect(try xpmd.ctl("strays", "stop", "\(pid)").code == 0)
            #expect(try xpmd.start("indirect").state == .running)
            #expect(try xpmd.service("board").state == .running)
        }
    }

    /// Whether xpmd has known of the stray before.
    @Test(arguments: [true, false]) func whatALostKeeperHadIsFoundAgain(wasKnown: Bool) throws {
        try withInstance { xpmd in
            try xpmd.launch()
            // A child with the same mark is no stray of its own.
            let begun = try Tidings("begun", of: xpmd)
            try xpmd.addScript("board", "sleep 2000 & echo $! > \(begun.path); wait", to: xpmd.open("lab"))
            let pid = try #require(try xpmd.start("board").pid)
            let child = try begun.pid()
            let keeper = try #require(try xpmd.status().keeperPid)
            if wasKnown {
                try xpmd.call(StopDaemon(keepServices: true))
                _ = try xpmd.awaitEnd()
            } else {
                try xpmd.crash()
                try Processes.kill(keeper)
            }
            for suffix in ["", "-wal", "-shm"] {
                rename("\(xpmd.state)/xpmd.sqlite\(suffix)", "\(xpmd.state)/lost.sqlite\(suffix)")
            }
            if wasKnown {
                try xpmd.launch()
                #expect(try stray(xpmd).pid == pid)
                try xpmd.crash()
                try Processes.kill(keeper)
            }
            try xpmd.launch()
            #expect(Processes.isAlive(pid) && Processes.isAlive(child))
            let found = try stray(xpmd)
            #expect(found.pid == pid && found.service?.fullName == "lab@r1:board", "\(found)")
            #expect(try xpmd.status().strays == 1)
            // It can be done with it whatever can be done with strays.
            if wasKnown {
                #expect(try xpmd.ctl("strays", "adopt", "\(pid)").code == 0)
                #expect(try xpmd.service("board").pid == pid)
                #expect(try xpmd.stop("board").state == .stopped)
            } else {
                #expect(try xpmd.ctl("strays", "stop", "\(pid)").code == 0)
            }
            #expect(!Processes.isAlive(pid) && !Processes.isAlive(child))
            #expect(try xpmd.call(ListStrays()).strays.isEmpty)
        }
    }

    @Test func ignoredStrayStaysIgnored() throws {
        try withInstance { xpmd in
            let pid = try loseRecord(xpmd)
            #expect(try xpmd.ctl("strays", "ignore", "\(pid)").code == 0)
            try xpmd.crash()
            try xpmd.launch()
            #expect(try xpmd.status().strays == nil && stray(xpmd).ignored == true)
            #expect(try xpmd.ctl("strays").errors == "no strays\n")
            #expect(try xpmd.ctl("strays", "ignore", "--undo", "\(pid)").code == 0)
            #expect(try xpmd.status().strays == 1)
            #expect(try xpmd.ctl("strays", "stop", "\(pid)").code == 0)
        }
    }

    @Test func strayThatIgnoresTheSignalIsKilledAfterTheGrace() throws {
        try withInstance { xpmd in
            let pid = try loseRecord(xpmd, "trap '' TERM; while :; do sleep 1000; done")
            #expect(try xpmd.ctl("strays", "stop", "--grace", "0.1", "\(pid)").code == 0)
            #expect(!Processes.isAlive(pid))
        }
    }

    @Test func strayOutlivesItsKeeperAndTheEndOfXpmd() throws {
        try withInstance { xpmd in
            let pid = try loseRecord(xpmd)
            _ = try xpmd.call(ListStrays())
            try xpmd.killKeeper()
            // Answered once a new keeper is there.
            try xpmd.addScript("other", "exit 0", to: xpmd.open("lab"))
            try xpmd.call(StartService(ServiceReference(id: "other")))
            _ = try xpmd.wait("other", for: .ended)
            #expect(try stray(xpmd).pid == pid)
            let stopped = try xpmd.ctl("daemon", "stop")
            #expect(stopped.code == 0 && stopped.errors.contains("1 stray kept running"), "\(stopped)")
            _ = try xpmd.awaitEnd()
            #expect(Processes.isAlive(pid))
            try xpmd.launch()
            #expect(try stray(xpmd).pid == pid)
            #expect(try xpmd.ctl("strays", "stop", "\(pid)").code == 0)
        }
    }

    /// What a disk, or a hand, may do to a row: the text keeps its length and its place.
    private func damage(_ file: String, _ text: String, _ other: String) throws {
        let database = open(file, O_RDWR | O_CLOEXEC)
        defer { close(database) }
        var bytes = [UInt8](repeating: 0, count: 1 << 20)
        let count = read(database, &bytes, bytes.count)
        let wanted = Array(text.utf8)
        let places = (0..<max(0, count - wanted.count)).filter { bytes[$0..<$0 + wanted.count].elementsEqual(wanted) }
        #expect(!places.isEmpty)
        for place in places {
            #expect(pwrite(database, Array(other.utf8), other.utf8.count, off_t(place)) == other.utf8.count)
        }
    }
}
