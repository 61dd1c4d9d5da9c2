import Glibc
import Testing
import XPMProtocol

/// What xpmctl says of what takes long, of what was replaced, and of what is not there.
struct PlainAnswerTests {
    /// A service that asks for an hour when it is told to end, and does not end.
    private func addStubborn(_ xpmd: Instance) throws {
        let code = """
            import os, signal, socket
            s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM); s.connect(os.environ['NOTIFY_SOCKET'])
            signal.signal(signal.SIGTERM, lambda *_: s.send(b'EXTEND_TIMEOUT_USEC=3000000000'))
            s.send(b'READY=1')
            while True: signal.pause()
            """
        let definition = ServiceDefinition(
            run: .command(["python3", "-c", code]), environment: xpmd.serviceEnvironment,
            readiness: Readiness(notify: true, timeoutSeconds: Instance.longTimeout), stop: StopPolicy(graceSeconds: 90)
        )
        try xpmd.call(AddService(to: xpmd.open("lab"), id: "stubborn", definition: definition))
        _ = try xpmd.start("stubborn")
    }

    @Test func prolongedStopIsShownAndTheLastWordIsItsUsers() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            try addStubborn(xpmd)
            let tape = try EventTape(xpmd.socket)
            let stopping = try xpmd.startCtl(["stop", "stubborn"])
            try tape.await { $0.cause == "it asked for more time to stop" }
            for verb in ["status", "why"] {
                let shown = try xpmd.ctl(verb, "stubborn").output
                #expect(shown.contains("(it asked for more time; SIGKILL in "), "\(shown)")
            }
            #expect(
                try xpmd.ctl("why", "stubborn").output.contains("`xpmctl stop --force lab@r1:stubborn` ends it now"))
            let impatient = try xpmd.ctl("stop", "stubborn", "--timeout", "0.1")
            #expect(impatient.code == 6 && impatient.errors.contains("stop --force"), "\(impatient)")
            // A daemon that comes goes on with it.
            try xpmd.crash()
            try xpmd.launch()
            let record = try xpmd.service("stubborn")
            #expect(record.state == .stopping && record.deadline != nil)
            #expect(try xpmd.ctl("stop", "stubborn", "--grace", "100ms").code == 0)
            let events = try EventTape(xpmd.socket)
            let killed = try events.await { $0.cause?.hasPrefix("did not stop within") == true }
            #expect(killed.cause == "did not stop within 0.1 s; sending SIGKILL")
            let outcome = try xpmd.finish(stopping)
            #expect(outcome.code == 0, "\(outcome.errors)")
            // Who waits without a terminal has been told why.
            #expect(outcome.errors.contains("STOPPED"), "\(outcome.errors)")
        }
    }

    @Test func whatFailsAgainAndAgainIsToldWithoutATerminal() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            try xpmd.addScript("loop", "exit 4", to: xpmd.open("lab")) {
                $0.restart = RestartPolicy(.onFailure, delaySeconds: 1000, maximumDelaySeconds: 1000)
                $0.readiness = Readiness(notify: true)
            }
            let tape = try EventTape(xpmd.socket)
            let starting = try xpmd.startCtl(["start", "loop"])
            try tape.await { $0.retry != nil }
            // Its first line is of this failure; the second start ends the wait.
            var said = ""
            try awaitLine(in: starting.errors) {
                said = text(of: starting.errors).split(separator: "\n").first.map(String.init) ?? ""
                return !said.isEmpty
            }
            #expect(
                said.hasPrefix("lab@r1:loop: ERROR, exited with code 4 before it was ready, retrying in "), "\(said)")
            #expect(said.hasSuffix("attempt 1 of 5"), "\(said)")
            try xpmd.call(StopService(ServiceReference(id: "loop")))
            #expect(try xpmd.finish(starting).code == 5)
        }
    }

    @Test func additionSaysWhatItHasDone() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            func add(_ words: String...) throws -> String {
                try xpmd.finish(xpmd.startCtl(["add", "job"] + words)).errors
            }
            #expect(try add("--", "sleep", "1000").hasSuffix(":job: added\n"))
            #expect(try add("--", "sleep", "1000").hasSuffix(":job: already exists, unchanged\n"))
            #expect(try add("--", "sleep", "1001").hasSuffix(":job: replaced\n"))
            try #require(try xpmd.ctl("start", "job").code == 0)
            #expect(try add("--update", "--", "sleep", "1002").hasSuffix(":job: replaced, and restarting\n"))
        }
    }

    @Test func statusComesInTheOrderOfItsNames() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let run = try xpmd.open("lab")
            let names = (0..<8).map { "s\($0)" }.shuffled()
            for name in names.shuffled() { try xpmd.addScript(name, "exec sleep 1000", to: run) }
            // One that runs is measured first, and so is answered later.
            _ = try xpmd.start(names[0])
            let lines = try xpmd.finish(xpmd.startCtl(["status"] + names)).output.split(separator: "\n")
            let shown = lines.filter { $0.hasPrefix("service") }.map { $0.split(separator: ":").last.map(String.init) }
            #expect(shown == names)
        }
    }

    @Test func whatIsMissingOrUnreadableIsSaidSo() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let watch = try xpmd.ctl("watch", "/nowhere/at/all")
            #expect(watch.code == ErrorCode.notFound.exitCode, "\(watch)")
            try #require(try xpmd.ctl("add", "ghost", "--", "no-such-tool").code == 0)
            #expect(try xpmd.ctl("start", "ghost").code == 5)
            let why = try xpmd.ctl("why", "ghost").output
            #expect(!why.contains("xpmctl logs"), "\(why)")
            for verb in ["events", "logs"] {
                let words = verb == "logs" ? ["logs", "ghost"] : ["events"]
                let outcome = try xpmd.finish(xpmd.startCtl(words + ["--since", "foo"]))
                #expect(
                    outcome.code == 64 && outcome.errors.contains("such as 90s, 10m or 1h30m, or 10:30"), "\(outcome)")
            }
            let elsewhere = try xpmd.ctl("--socket", "\(xpmd.scratch.path)/x.sock", "daemon", "start")
            #expect(elsewhere.code == 7 && !elsewhere.errors.contains("`xpmctl daemon start`"), "\(elsewhere)")
            #expect(elsewhere.errors.contains(xpmd.socket), "\(elsewhere)")
            #expect(try xpmd.ctl("daemon", "stop", "--timeout", "2m").code == 0)
        }
    }

    @Test func recordsThatCannotBeReadAreTold() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let run = try xpmd.open("lab")
            for name in ["a", "b"] { try xpmd.addScript(name, "exec sleep 1000", to: run) }
            let begun = try xpmd.start("a")
            try xpmd.crash()
            let code = """
                import sqlite3
                db = sqlite3.connect('\(xpmd.state)/xpmd.sqlite')
                db.execute("UPDATE service SET runtime = 'damaged' WHERE id = 'a'"); db.commit(); db.close()
                """
            let edited = try ChildProcess(["python3", "-c", code], environment: xpmd.environment)
            try #require(try edited.wait() == .code(0))
            try xpmd.launch()
            let status = try xpmd.ctl("daemon", "status").output
            #expect(status.contains("1 record in the database cannot be read: service 'lab@r1:a'"), "\(status)")
            #expect(try xpmd.service("a").error?.hasPrefix("its record cannot be read") == true)
            #expect(try xpmd.start("b").state == .running)
            let strays = try xpmd.call(ListStrays()).strays
            #expect(strays.map(\.pid) == [begun.pid])
            #expect(strays.first?.cause == "the record of its service cannot be read")
            let stray = try #require(strays.first)
            try xpmd.call(StopStray(stray.stray))
        }
    }
}
