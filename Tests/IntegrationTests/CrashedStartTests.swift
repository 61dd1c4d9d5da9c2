import Glibc
import Testing
import XPMProtocol

/// Starts of xpmd that end in a crash over something that is on record or on disk: what no check has found, and so the program
/// under test is an xpmd that ends where it is told to.
@Suite(.timeLimit(.minutes(5))) struct CrashedStartTests {
    /// How a process ends that nobody ended on purpose.
    enum Way: String, CaseIterable { case trap, abort, kill }

    @Test(arguments: Way.allCases)
    func serviceThatEndsEveryStartIsLeftAloneAndTheRestIsServed(way: Way) throws {
        try withInstance { xpmd in
            let (good, bad) = try twoServices(xpmd)
            try xpmd.crash(over: "service \(bad.key) bad", by: way)
            let record = try xpmd.service("bad")
            #expect(record.state == .running && record.pid == bad.pid && Processes.isAlive(bad.pid), "\(record)")
            #expect(record.error?.contains("xpmd crashed over this service") == true, "\(record)")
            let page = try xpmd.ctl("status", "bad").output
            #expect(page.contains("xpmctl start"), "\(page)")
            let told = try xpmd.ctl("events", "-n", "1").output
            #expect(told.contains("left out, because xpmd crashed over it: service bad"), "\(told)")
            // All else is served, and stays so.
            let other = try xpmd.service("good")
            #expect(other.state == .running && other.pid == good.pid && other.error == nil)
            try xpmd.stop("good")
            try xpmd.start("good")
            try xpmd.crash()
            try xpmd.launch()
            #expect(try xpmd.service("bad").pid == bad.pid)
            // Its user may end it all the same.
            try xpmd.stop("bad")
            #expect(try xpmd.service("bad").state == .stopped && !Processes.isAlive(bad.pid))
        }
    }

    @Test func firstStartOfACrashIsTheUsualOne() throws {
        try withInstance { xpmd in
            let (good, bad) = try twoServices(xpmd)
            // In order, so that the next start has no reason to be careful.
            kill(try xpmd.status().pid, SIGTERM)
            #expect(try xpmd.awaitEnd() == .code(0))
            xpmd.program = Binaries.crashingXpmd
            for _ in 0..<3 { try xpmd.crashOnce(over: "service \(bad.key) bad", by: .trap) }
            try xpmd.launch()
            #expect(try xpmd.service("bad").error?.contains("crashed") == true)
            #expect(try xpmd.service("good").pid == good.pid)
        }
    }

    @Test func startByTheUserTakesUpWhatWasLeftOut() throws {
        try withInstance { xpmd in
            let (_, bad) = try twoServices(xpmd)
            try xpmd.crash(over: "service \(bad.key) bad", by: .trap)
            xpmd.environment["XPM_TEST_CRASH"] = nil
            try xpmd.crash()
            try xpmd.launch()
            // What it crashed over may have been mended elsewhere, which nobody can know.
            #expect(try xpmd.service("bad").error != nil)
            #expect(try xpmd.ctl("start", "bad").code == 0)
            let record = try xpmd.wait("bad", for: .running)
            #expect(record.error == nil && record.pid == bad.pid, "\(record)")
            kill(bad.pid, SIGTERM)
            #expect(try xpmd.wait("bad", for: .ended).exit?.signal == "SIGTERM")
        }
    }

    @Test func anotherXpmdTakesUpWhatWasLeftOut() throws {
        try withInstance { xpmd in
            let (_, bad) = try twoServices(xpmd)
            try xpmd.crash(over: "service \(bad.key) bad", by: .trap)
            try xpmd.crash()
            xpmd.program = Binaries.xpmd
            try xpmd.launch()
            let record = try xpmd.service("bad")
            #expect(record.state == .running && record.error == nil && record.pid == bad.pid, "\(record)")
        }
    }

    @Test func recordThatNobodyMayReadIsKeptAsItIs() throws {
        try withInstance { xpmd in
            let (_, bad) = try twoServices(xpmd)
            try xpmd.crash(over: "record \(bad.key) bad", by: .trap)
            let record = try xpmd.service("bad")
            #expect(record.state == .error && record.error?.contains("its record cannot be read") == true, "\(record)")
            #expect(Processes.isAlive(bad.pid))
            #expect(try xpmd.ctl("start", "bad").code != 0)
            try xpmd.crash()
            xpmd.program = Binaries.xpmd
            try xpmd.launch()
            let found = try xpmd.service("bad")
            #expect(found.state == .running && found.pid == bad.pid, "\(found)")
        }
    }

    @Test func startsThatEndAtDifferentPlacesLeaveNothingOut() throws {
        try withInstance { xpmd in
            let (good, bad) = try twoServices(xpmd)
            try xpmd.crash()
            xpmd.program = Binaries.crashingXpmd
            for round in 0..<6 {
                let culprit = round % 2 == 0 ? "service \(good.key) good" : "service \(bad.key) bad"
                try xpmd.crashOnce(over: culprit, by: .kill)
            }
            xpmd.environment["XPM_TEST_CRASH"] = nil
            try xpmd.launch()
            for (name, pid) in [("good", good.pid), ("bad", bad.pid)] {
                let record = try xpmd.service(name)
                #expect(record.state == .running && record.error == nil && record.pid == pid, "\(record)")
            }
        }
    }

    @Test func logThatEndsXpmdSoonAfterItsStartLeavesItsServiceAlone() throws {
        try withInstance { xpmd in
            let (_, bad) = try twoServices(xpmd)
            // Its log is read again as long as a line in it is awaited.
            try xpmd.addScript("awaited", "exec sleep 1000", to: xpmd.open("lab")) {
                $0.readiness = Readiness(log: LogPattern("never"), timeoutSeconds: 3000)
            }
            let tape = try EventTape(xpmd.socket)
            try xpmd.begin("awaited")
            try tape.await { $0.pid != nil && $0.service?.id == "awaited" }
            let path = try #require(try xpmd.service("awaited").stdout)
            let pid = try #require(try xpmd.service("awaited").pid)
            try xpmd.crash(over: "log \(path)", by: .trap)
            #expect(try xpmd.service("bad").pid == bad.pid)
            let record = try xpmd.service("awaited")
            #expect(record.pid == pid && Processes.isAlive(pid), "\(record)")
            #expect(record.error?.contains("xpmd crashed over its log \(path)") == true, "\(record)")
        }
    }

    @Test func templateThatEndsEveryStartIsNotReadUntilItIsEdited() throws {
        try withInstance { xpmd in
            xpmd.scratch.folder("config/templates")
            let template = "description = \"bad\"\ncommand = [\"sleep\", \"1000\"]\n"
            let path = try xpmd.scratch.file("config/templates/bad.toml", template)
            try xpmd.launch()
            let run = try xpmd.open("lab")
            try xpmd.call(
                AddService(
                    to: run, id: "made",
                    definition: ServiceDefinition(run: .template("bad", parameters: [:], arguments: []))))
            let pid = try #require(try xpmd.start("made").pid)
            try xpmd.crash(over: "template \(path)", by: .trap)
            #expect(try xpmd.service("made").pid == pid)
            let fault = try xpmd.call(ListTemplates()).templates.first { $0.name == "bad" }?.fault
            #expect(fault?.contains("xpmd crashed over it") == true, "\(String(describing: fault))")
            xpmd.environment["XPM_TEST_CRASH"] = nil
            try xpmd.crash()
            try xpmd.launch()
            try xpmd.scratch.file("config/templates/bad.toml", template + "\n")
            #expect(try xpmd.call(ListTemplates()).templates.first { $0.name == "bad" }?.fault == nil)
        }
    }

    @Test func settingsThatEndEveryStartAreNotRead() throws {
        try withInstance { xpmd in
            let path = try xpmd.scratch.file("config/config.toml", "")
            _ = try twoServices(xpmd)
            try xpmd.crash(over: "settings \(path)", by: .trap)
            #expect(try xpmd.status().settingsFault?.contains("xpmd crashed over it") == true)
        }
    }

    @Test func straysThatEndEveryStartKeepRunningUnseen() throws {
        try withInstance { xpmd in
            let (good, _) = try twoServices(xpmd)
            try xpmd.crash(over: "strays ", by: .trap)
            #expect(try xpmd.service("good").pid == good.pid)
        }
    }

    @Test func eventsThatEndXpmdWhenTheyAreReadAreAGap() throws {
        try withInstance { xpmd in
            let (good, _) = try twoServices(xpmd)
            try xpmd.crash()
            xpmd.program = Binaries.crashingXpmd
            for _ in 0..<2 {
                try xpmd.crashOnce(over: "events ", by: .trap) {
                    let outcome = try xpmd.ctl("events", "--no-autostart")
                    #expect(outcome.code != 0, "\(outcome)")
                }
            }
            try xpmd.launch()
            let events = try xpmd.ctl("events")
            #expect(events.code == 0, "\(events)")
            #expect(try xpmd.service("good").pid == good.pid)
        }
    }

    @Test func keeperThatComesLaterCanEndWhatIsLeftAlone() throws {
        try withInstance { xpmd in
            let (_, bad) = try twoServices(xpmd)
            try xpmd.crash(over: "service \(bad.key) bad", by: .trap)
            try xpmd.killKeeper()
            try xpmd.stop("bad")
            #expect(!Processes.isAlive(bad.pid))
        }
    }

    @Test func workspaceThatEndsEveryStartIsNotRead() throws {
        try withInstance { xpmd in
            let (good, _) = try twoServices(xpmd)
            let (one, two) = (xpmd.scratch.folder("one"), xpmd.scratch.folder("two"))
            for path in [one, two] {
                xpmd.scratch.folder(String(path.dropFirst(xpmd.scratch.path.utf8.count + 1)) + "/experiments")
                try xpmd.call(WatchWorkspace(workspace: path))
            }
            try xpmd.crash(over: "workspace \(one)", by: .trap, times: 3)
            let records = try xpmd.call(ListWorkspaces()).workspaces
            #expect(
                records.first { $0.workspace == one }?.error?.contains("xpmd crashed over it") == true, "\(records)")
            #expect(records.first { $0.workspace == two }?.error?.contains("crashed") != true, "\(records)")
            #expect(try xpmd.service("good").pid == good.pid)
            xpmd.environment["XPM_TEST_CRASH"] = nil
            try xpmd.crash()
            try xpmd.launch()
            #expect(try xpmd.call(WatchWorkspace(workspace: one)).workspace.error == nil)
        }
    }

    @Test func databaseThatEndsEveryStartIsToldAndKept() throws {
        try withInstance { xpmd in
            let (_, bad) = try twoServices(xpmd)
            try xpmd.crash()
            xpmd.program = Binaries.crashingXpmd
            for _ in 0..<2 { try xpmd.crashOnce(over: "database ", by: .trap) }
            let (child, word) = try xpmd.launchRaw()
            #expect(word.hasPrefix("error: cannot read the database in \(xpmd.state): xpmd crashed"), "\(word)")
            #expect(try child.wait() != .code(0))
            xpmd.program = Binaries.xpmd
            try xpmd.launch()
            #expect(try xpmd.service("bad").pid == bad.pid)
        }
    }

    @Test func usualStartLeavesNothingBehind() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            #expect(try xpmd.ctl("daemon", "stop").code == 0)
            _ = try xpmd.awaitEnd()
            try xpmd.launch()
            #expect(access("\(xpmd.state)/start-in-progress", F_OK) == 0)
            #expect(try xpmd.ctl("daemon", "reexec").code == 0)
            #expect(try xpmd.ctl("daemon", "stop").code == 0)
            _ = try xpmd.awaitEnd()
            #expect(access("\(xpmd.state)/start-in-progress", F_OK) != 0)
            #expect(access("\(xpmd.state)/crashed-starts.json", F_OK) != 0)
        }
    }

    /// Two services that run, with their keys.
    private func twoServices(_ xpmd: Instance) throws -> (
        good: (key: String, pid: Int32), bad: (key: String, pid: Int32)
    ) {
        try xpmd.launch()
        let run = try xpmd.open("lab")
        return try (service("good", of: xpmd, in: run), service("bad", of: xpmd, in: run))
    }

    private func service(_ id: String, of xpmd: Instance, in run: RunIdentity) throws -> (key: String, pid: Int32) {
        try xpmd.addScript(id, "echo begun; exec sleep 1000", to: run)
        let record = try xpmd.start(id)
        // …/ID.KEY.out
        let key = try #require(record.stdout?.split(separator: ".").dropLast().last)
        return (String(key), try #require(record.pid))
    }
}

extension Instance {
    /// Ends xpmd, starts it so often with something that it ends over, and then once more.
    fileprivate func crash(over culprit: String, by way: CrashedStartTests.Way, times: Int = 2) throws {
        try crash()
        program = Binaries.crashingXpmd
        for _ in 0..<times { try crashOnce(over: culprit, by: way) }
        try launch()
    }

    /// Starts xpmd with something that it ends over, before it serves or soon after, or when it is asked for something.
    fileprivate func crashOnce(
        over culprit: String, by way: CrashedStartTests.Way, asking ask: () throws -> Void = {}
    ) throws {
        environment["XPM_TEST_CRASH"] = culprit
        environment["XPM_TEST_CRASH_BY"] = way.rawValue
        // What it says where it ended takes seconds.
        environment["SWIFT_BACKTRACE"] = "enable=no"
        let (child, word) = try launchRaw()
        try ask()
        guard case .signal = try child.wait() else { throw TestFailure("xpmd ended by itself: \(word)") }
    }
}
