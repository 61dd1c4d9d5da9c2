import Testing
import XPMProtocol

/// Services that say by sd_notify how they are.
struct NotifyTests {
    /// A Python service that says each line which it reads from a pipe; `\\n` parts lines of one datagram.
    private func addSpeaker(
        _ xpmd: Instance, _ defining: (inout ServiceDefinition) -> Void = { _ in }
    ) throws -> (String) throws -> Void {
        let words = xpmd.scratch.path + "/words"
        let code = """
            import os, socket
            s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM); s.connect(os.environ['NOTIFY_SOCKET'])
            for line in open('\(words)'): exec(line)
            """
        let pipe = try Tidings("words", of: xpmd)
        var definition = ServiceDefinition(
            run: .command(["python3", "-c", code]), environment: xpmd.serviceEnvironment,
            readiness: Readiness(notify: true, timeoutSeconds: Instance.longTimeout), stop: StopPolicy(graceSeconds: 90)
        )
        defining(&definition)
        try xpmd.call(AddService(to: xpmd.open("lab"), id: "speaker", definition: definition))
        return { word in try pipe.write("\(word)\n") }
    }

    private func say(_ text: String) -> String { "s.send(b'\(text)')" }

    @Test func readyStatusAndURLAreTheServicesOwnWord() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let speak = try addSpeaker(xpmd)
            try xpmd.begin("speaker")
            #expect(try xpmd.service("speaker").state == .starting)
            try speak(say("X_XPM_URL=http://127.0.0.1:7/\\nSTATUS=warm\\nREADY=1"))
            let running = try xpmd.wait("speaker", for: .running)
            #expect(running.url == "http://127.0.0.1:7/" && running.status == "warm")
        }
    }

    @Test func readySaidWhileNoDaemonRanCounts() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let speak = try addSpeaker(xpmd)
            let said = try Tidings("said", of: xpmd)
            try xpmd.begin("speaker")
            try speak("open('\(said.path)', 'w').write('begun\\n')")
            _ = try said.line()
            try xpmd.crash()
            try speak(say("READY=1") + "; open('\(said.path)', 'w').write('said\\n')")
            _ = try said.line()
            try xpmd.launch()
            #expect(try xpmd.wait("speaker", for: .running).state == .running)
        }
    }

    @Test func watchdogThatIsNotFedFails() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let speak = try addSpeaker(xpmd) { $0.watchdogSeconds = 0.5 }
            try xpmd.begin("speaker")
            try speak(say("READY=1"))
            let ended = try xpmd.wait("speaker", for: .ended)
            #expect(ended.state == .error)
            #expect(ended.error == "did not send WATCHDOG=1 in time")
        }
    }

    @Test func brokenServiceMaySaySo() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let speak = try addSpeaker(xpmd) {
                $0.watchdogSeconds = 1000
                $0.restart = RestartPolicy(.onFailure, delaySeconds: 0.01)
            }
            try xpmd.begin("speaker")
            try speak(say("READY=1"))
            let first = try xpmd.wait("speaker", for: .running)
            let tape = try EventTape(xpmd.socket)
            try speak(say("WATCHDOG=trigger"))
            try tape.await("speaker", .error)
            try speak(say("READY=1"))
            #expect(try tape.await("speaker", .running).attempt != first.attempt)
        }
    }

    @Test func serviceThatSaysItEndsIsStopping() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let speak = try addSpeaker(xpmd)
            try xpmd.begin("speaker")
            try speak(say("READY=1"))
            _ = try xpmd.wait("speaker", for: .running)
            let tape = try EventTape(xpmd.socket)
            try speak(say("STOPPING=1"))
            try tape.await("speaker", .stopping)
            try speak("raise SystemExit(0)")
            #expect(try xpmd.wait("speaker", for: .ended).state == .stopped)
        }
    }

    @Test func storedDescriptorsAreRefusedPolitely() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let speak = try addSpeaker(xpmd)
            try xpmd.begin("speaker")
            // The descriptor of BARRIER=1 is closed once everything before it is taken note of.
            let send =
                "socket.send_fds(s, [b'FDSTORE=1'], [0]); r, w = os.pipe(); socket.send_fds(s, [b'BARRIER=1'], [w])"
            try speak("\(send); os.close(w); os.read(r, 1); \(say("READY=1"))")
            let running = try xpmd.wait("speaker", for: .running)
            #expect(running.notes == ["it sent FDSTORE=1, but xpmd does not store file descriptors"])
        }
    }

    @Test func anotherMainProcessIsFollowed() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let speak = try addSpeaker(xpmd)
            let tidings = try Tidings("tidings", of: xpmd)
            try xpmd.begin("speaker")
            let fork =
                "p = os.fork(); p or (open('\(tidings.path)', 'w').write('%d\\n' % os.getpid()), os.pause() if 0 else __import__('signal').pause())"
            try speak(fork)
            let child = try tidings.pid()
            let tape = try EventTape(xpmd.socket)
            try speak(say("MAINPID=\(child)\\nREADY=1"))
            try tape.await("speaker", .running)
            _ = try xpmd.call(ListServices(usage: true))
            #expect(try xpmd.service("speaker").pid == child)
            try Processes.kill(child)
            // Its parent lives and does not ask how it ended, so nobody can know.
            #expect(try xpmd.wait("speaker", for: .ended).error == "exited with an unknown status")
        }
    }

    @Test func moreTimeIsGiven() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let speak = try addSpeaker(xpmd) { $0.readiness?.timeoutSeconds = 2 }
            try xpmd.begin("speaker")
            try speak(say("EXTEND_TIMEOUT_USEC=1000000000"))
            // Another one with as little time, begun later, runs out of it first.
            try xpmd.addScript(
                "silent", "exec sleep 1000", to: xpmd.open("lab"), readiness: Readiness(notify: true, timeoutSeconds: 2)
            )
            try xpmd.begin("silent")
            #expect(try xpmd.wait("silent", for: .ended).state == .error)
            try speak(say("READY=1"))
            #expect(try xpmd.wait("speaker", for: .running).state == .running)
        }
    }

    @Test(arguments: ["1000000000000000", "99999999999999999999999999"])
    func timeIsNotGivenForever(asked: String) throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let speak = try addSpeaker(xpmd)
            let said = try Tidings("said", of: xpmd)
            try xpmd.begin("speaker")
            try speak("import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); " + say("READY=1"))
            _ = try xpmd.wait("speaker", for: .running)
            try xpmd.call(StopService(ServiceReference(id: "speaker")))
            try speak(say("EXTEND_TIMEOUT_USEC=\(asked)") + "; open('\(said.path)', 'w').write('said\\n')")
            _ = try said.line()
            // Asked through the keeper, which has heard it before.
            _ = try xpmd.call(ListServices(usage: true))
            let stopping = try xpmd.service("speaker")
            #expect(stopping.state == .stopping)
            #expect(stopping.notes == ["it asked for more time to stop than the 3600 s that it may take"])
            try xpmd.call(StopService(ServiceReference(id: "speaker"), force: true))
            #expect(try xpmd.wait("speaker", for: .ended).state == .stopped)
        }
    }
}
