import Glibc
import Testing
import XPMClient
import XPMProtocol

/// xpmd runs xpm-web as a service of its own, which nothing that becomes of xpmd touches, and nothing of which touches xpmd.
struct WebTests {
    /// An instance whose xpm-web is the stub.
    private func withStub(_ body: (Instance, WebStub) throws -> Void) throws {
        try withInstance { xpmd in try body(xpmd, WebStub(xpmd)) }
    }

    @Test func webPageGoesOnWhateverBecomesOfXpmdAndItsKeeper() throws {
        try withStub { xpmd, _ in
            try xpmd.launch()
            #expect(try xpmd.webStatus().state == .stopped)
            let web = try xpmd.startWeb()
            #expect(web.state == .running && web.wanted && web.url == "http://localhost:8642/", "\(web)")
            #expect(web.port == 8642 && web.listen == "localhost" && !web.pathMode && !web.isOutdated)
            let pid = try #require(web.pid)
            #expect(try xpmd.startWeb().pid == pid)
            try xpmd.crash()
            try xpmd.launch()
            #expect(try xpmd.webStatus().pid == pid)
            let connection = try xpmd.connect()
            _ = try connection.call(ReexecDaemon(), timeout: patience)
            #expect(connection.waitForEnd(timeout: patience))
            #expect(try xpmd.startWeb().pid == pid)
            try xpmd.killKeeper()
            let after = try xpmd.startWeb()
            #expect(after.pid == pid && after.url == web.url, "\(after)")
            try xpmd.crash()
            try xpmd.launch()
            #expect(try xpmd.startWeb().pid == pid)
        }
    }

    @Test func noListAndNoEventHasIt() throws {
        try withStub { xpmd, _ in
            try xpmd.launch()
            let web = try xpmd.startWeb()
            #expect(try xpmd.call(ListServices()).services.isEmpty)
            #expect(try xpmd.call(ListExperiments()).experiments.isEmpty)
            let status = try xpmd.status()
            #expect(status.services.values.allSatisfy { $0 == 0 })
            #expect(status.web?.pid == web.pid && status.webFault == nil)
            #expect(try xpmd.log(of: web) == "--listen localhost\n")
            _ = try xpmd.call(PruneServices())
            #expect(try xpmd.log(of: web) == "--listen localhost\n")
            #expect(throws: WireError.self) { try xpmd.call(GetService(ServiceReference(id: "web"))) }
            _ = try xpmd.call(StopWeb())
            _ = try xpmd.call(WaitService(web.service, goal: .ended))
            #expect(try xpmd.status().web == nil)
            let events = try xpmd.call(ListEvents()).events
            #expect(Set(events.map(\.kind)) == [.daemonStarted], "\(events)")
        }
    }

    @Test func itsRunIsNobodysElse() throws {
        try withStub { xpmd, _ in
            try xpmd.launch()
            let run = try #require(try xpmd.webStatus().service.run)
            func refused(_ body: () throws -> Void) -> ErrorCode? {
                do { try body() } catch let error as WireError { return error.code } catch {}
                return nil
            }
            #expect(refused { try xpmd.open("xpmd", run: run, in: xpmd.state) } == .conflict)
            let web = try xpmd.startWeb()
            #expect(refused { try xpmd.call(StopService(web.service)) } == .conflict)
            #expect(refused { try xpmd.call(StartService(web.service)) } == .conflict)
            #expect(refused { try xpmd.call(RestartService(web.service)) } == .conflict)
            #expect(try xpmd.webStatus().pid == web.pid)
        }
    }

    @Test func killedItComesBackAndXpmdLivesOn() throws {
        try withStub { xpmd, _ in
            let daemon = try xpmd.launch()
            let first = try #require(try xpmd.startWeb().pid)
            mkfifo(xpmd.state + "/begun", 0o600)
            let pipe = open(xpmd.state + "/begun", O_RDWR | O_CLOEXEC)
            defer { close(pipe) }
            try Processes.kill(first)
            // Its next process says so itself.
            var said = [UInt8](repeating: 0, count: 64)
            #expect(try isReadable(pipe, within: patience) && read(pipe, &said, 64) > 0)
            let next = try xpmd.call(WaitService(xpmd.webStatus().service, goal: .running))
            #expect(next.pid != first && next.state == .running)
            #expect(try xpmd.status().pid == daemon.pid)
        }
    }

    @Test func crashLoopIsToldAndEndsByItself() throws {
        try withStub { xpmd, stub in
            let daemon = try xpmd.launch()
            let reason = "cannot listen on port 8642: python3 (process 4242) has it"
            try stub.fail(reason)
            let web = try xpmd.startWeb()
            #expect(web.state == .error && web.wanted && web.error == reason && web.retry != nil, "\(web)")
            #expect(try xpmd.status().webFault == reason)
            let outcome = try xpmd.ctl("web")
            #expect(outcome.code == ErrorCode.startFailed.exitCode && outcome.output.isEmpty)
            #expect(outcome.errors.contains(reason), "\(outcome.errors)")
            try stub.fail(nil)
            #expect(try xpmd.call(WaitService(web.service, goal: .running)).state == .running)
            let status = try xpmd.status()
            #expect(status.webFault == nil && status.web?.state == .running && status.pid == daemon.pid)
        }
    }

    @Test func endOfXpmdEndsItUnlessServicesAreKept() throws {
        try withStub { xpmd, _ in
            try xpmd.launch()
            let first = try #require(try xpmd.startWeb().pid)
            let keeping = try xpmd.connect()
            #expect(try keeping.call(StopDaemon(keepServices: true), timeout: patience).stopping == 0)
            #expect(try xpmd.awaitEnd() == .code(0))
            try xpmd.launch()
            #expect(try xpmd.startWeb().pid == first)
            let ending = try xpmd.connect()
            #expect(try ending.call(StopDaemon(), timeout: patience).stopping == 0)
            #expect(try xpmd.awaitEnd() == .code(0))
            #expect(!Processes.isAlive(first))
            // It was asked for, and nobody has asked for its end.
            try xpmd.launch()
            let web = try xpmd.webStatus()
            #expect(web.wanted && web.state != .stopped, "\(web)")
            #expect(try xpmd.startWeb().pid != first)
        }
    }

    @Test func stopIsRememberedAndForgetsTheStart() throws {
        try withStub { xpmd, _ in
            try xpmd.launch()
            let web = try xpmd.startWeb()
            #expect(try !xpmd.call(StopWeb()).wanted)
            _ = try xpmd.call(WaitService(web.service, goal: .ended))
            try xpmd.crash()
            try xpmd.launch()
            #expect(try xpmd.webStatus().state == .stopped)
            _ = try xpmd.connect().call(StopDaemon(), timeout: patience)
            #expect(try xpmd.awaitEnd() == .code(0))
            try xpmd.launch()
            #expect(try xpmd.webStatus().state == .stopped)
        }
    }

    @Test func enabledStartsItWithXpmdAndNotAgainAfterAStop() throws {
        try withStub { xpmd, _ in
            try xpmd.scratch.file("config/config.toml", "[web]\nenabled = true\nport = 8642\n")
            try xpmd.launch()
            let web = try xpmd.webStatus()
            #expect(web.wanted && web.state != .stopped, "\(web)")
            #expect(try xpmd.call(WaitService(web.service, goal: .running)).pid != nil)
            #expect(try xpmd.log(of: web) == "--listen localhost --port 8642\n")
            _ = try xpmd.call(StopWeb())
            _ = try xpmd.call(WaitService(web.service, goal: .ended))
            try xpmd.crash()
            try xpmd.launch()
            #expect(try xpmd.webStatus().state == .stopped)
            _ = try xpmd.connect().call(StopDaemon(), timeout: patience)
            #expect(try xpmd.awaitEnd() == .code(0))
            try xpmd.launch()
            #expect(try xpmd.webStatus().wanted)
        }
    }

    @Test func settingsCountFromItsNextStart() throws {
        try withStub { xpmd, _ in
            try xpmd.launch()
            let first = try xpmd.startWeb()
            let socket = xpmd.scratch.path + "/web.sock"
            try xpmd.scratch.file("config/config.toml", "[web]\nlisten = \"\(socket)\"\npath_mode = true\n")
            #expect(try xpmd.startWeb().pid == first.pid)
            #expect(try xpmd.webStatus().listen == "localhost")
            _ = try xpmd.call(StopWeb())
            _ = try xpmd.call(WaitService(first.service, goal: .ended))
            let next = try xpmd.startWeb()
            #expect(next.listen == socket && next.pathMode, "\(next)")
            #expect(try xpmd.log(of: next) == "--listen localhost\n--listen \(socket) --path-mode\n")
            // What runs is told, not what is written.
            try xpmd.scratch.file("config/config.toml", "")
            try xpmd.crash()
            try xpmd.launch()
            #expect(try xpmd.webStatus().listen == socket)
        }
    }

    @Test func withoutUsableSettingsItListensNowhere() throws {
        try withStub { xpmd, _ in
            try xpmd.scratch.file("config/config.toml", "[web]\nlisten = \"0.0.0.0\"\n")
            try xpmd.launch()
            let error = #expect(throws: WireError.self) { try xpmd.startWeb() }
            #expect(
                error?.code == .invalidParameters && error?.message.contains("web.listen") == true, "\(error as Any)")
            try xpmd.scratch.file("config/config.toml", "")
            #expect(try xpmd.startWeb().state == .running)
        }
    }

    @Test func missingProgramIsRefusedAndNotRemembered() throws {
        try withStub { xpmd, stub in
            stub.uninstall()
            try xpmd.launch()
            #expect(throws: WireError.self) { try xpmd.startWeb() }
            try stub.install()
            try xpmd.crash()
            try xpmd.launch()
            #expect(try xpmd.webStatus().pid == nil)
            #expect(try xpmd.startWeb().state == .running)
        }
    }

    @Test func anotherProgramIsToldAndTakenByTheNextStart() throws {
        try withStub { xpmd, stub in
            try xpmd.launch()
            let first = try xpmd.startWeb()
            #expect(!first.isOutdated)
            try stub.install()
            let same = try xpmd.startWeb()
            #expect(same.isOutdated && same.pid == first.pid)
            #expect(try xpmd.ctl("web", "--status").output.contains("another xpm-web is installed"))
            #expect(try xpmd.ctl("web", "--off").code == 0)
            #expect(try !xpmd.startWeb().isOutdated)
        }
    }
}

extension Instance {
    /// What the web page's program has written.
    fileprivate func log(of web: WebRecord) throws -> String {
        try call(ServiceLogs(web.service, stream: .stdout)).piece.text
    }
}
