import Glibc
import Testing
import XPMProtocol

/// Who answers for a service: itself, or somebody who has its port.
struct ListenerTests {
    /// A page for everybody at a port of the kernel's choice, which it writes to a pipe; then a line for each request.
    private static func page(_ told: Tidings, port: Int = 0) -> [String] {
        let code = """
            import http.server as h
            pipe = open('\(told.path)', 'w', buffering=1)
            class Page(h.SimpleHTTPRequestHandler):
                def log_request(self, *_): pipe.write('asked\\n')
            s = h.ThreadingHTTPServer(('127.0.0.1', \(port)), Page)
            pipe.write('%d\\n' % s.server_port)
            s.serve_forever()
            """
        return ["python3", "-c", code]
    }

    /// A stranger with a page, which tells of each request.
    private func stranger(_ xpmd: Instance) throws -> (process: ChildProcess, port: Int, told: Tidings) {
        let told = try Tidings("stranger", of: xpmd)
        let process = try ChildProcess(
            Self.page(told), environment: xpmd.environment, folder: xpmd.workspace)
        return (process, Int(try told.pid()), told)
    }

    private func add(_ xpmd: Instance, _ script: String, _ defining: (inout ServiceDefinition) -> Void) throws {
        try xpmd.addScript("web", script, to: xpmd.open("lab"), defining: defining)
    }

    @Test(arguments: [true, false]) func portThatSomebodyElseHasRefusesTheStart(asksForPage: Bool) throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let (process, port, _) = try stranger(xpmd)
            try add(xpmd, "exec sleep 1000") {
                $0.readiness =
                    asksForPage
                    ? Readiness(http: HTTPProbe(url: "http://127.0.0.1:\(port)/"))
                    : Readiness(tcp: TCPProbe(host: "127.0.0.1", port: port))
            }
            try xpmd.begin("web")
            let ended = try xpmd.wait("web", for: .ended)
            #expect(ended.error == "cannot be started: port \(port) is in use by python3 (pid \(process.pid))")
            let outcome = try xpmd.ctl("start", "web")
            #expect(outcome.code == 5 && outcome.errors.contains("--ready-any-listener"), "\(outcome.errors)")
        }
    }

    @Test func serviceThatHasThePortIsNamed() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let told = try Tidings("told", of: xpmd)
            let run = try xpmd.open("lab")
            try xpmd.add("first", Self.page(told), to: run)
            let first = try xpmd.start("first")
            let port = Int(try told.pid())
            try xpmd.add(
                "second", ["sleep", "1000"], to: run, readiness: Readiness(tcp: TCPProbe(host: "127.0.0.1", port: port))
            )
            try xpmd.begin("second")
            let ended = try xpmd.wait("second", for: .ended)
            #expect(ended.error?.hasSuffix("in use by \(first.identity.fullName) (pid \(first.pid ?? 0))") == true)
        }
    }

    @Test func pageInTheLogThatIsAStrangersMakesNothingReady() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let (process, port, _) = try stranger(xpmd)
            try add(xpmd, "echo at http://127.0.0.1:\(port)/; exec sleep 1000") {
                $0.readiness = Readiness(log: LogPattern("at (\\S+)"), http: HTTPProbe(), timeoutSeconds: 1)
            }
            try xpmd.begin("web")
            let ended = try xpmd.wait("web", for: .ended)
            let words = "port \(port) is in use by python3 (pid \(process.pid))"
            #expect(ended.state == .error && ended.error?.hasSuffix(words) == true, "\(ended.error ?? "")")
        }
    }

    @Test func endOfAServiceTellsWhoHadItsPort() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let go = try Tidings("go", of: xpmd)
            let (process, port, told) = try stranger(xpmd)
            try add(xpmd, "echo at http://127.0.0.1:\(port)/; read line <\(go.path); exit 3") {
                $0.readiness = Readiness(log: LogPattern("at (\\S+)"), http: HTTPProbe())
            }
            let words = "port \(port) is in use by python3 (pid \(process.pid))"
            try xpmd.begin("web")
            // The second request comes after it was found out who has answered the first.
            for _ in 0..<2 { #expect(try told.line() == "asked") }
            try go.letGo()
            #expect(try xpmd.wait("web", for: .ended).error == "exited with code 3 before it was ready; \(words)")
        }
    }

    @Test func socketOfAStrangerMakesNothingReady() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let told = try Tidings("told", of: xpmd)
            let code = """
                import socket, signal
                s = socket.socket(socket.AF_UNIX); s.bind('s.sock'); s.listen(); open('\(told.path)', 'w').write('1\\n')
                signal.pause()
                """
            let process = try ChildProcess(
                ["python3", "-c", code], environment: xpmd.environment, folder: xpmd.workspace)
            _ = try told.line()
            try add(xpmd, "exec sleep 1000") {
                $0.readiness = Readiness(unix: UnixProbe(path: "s.sock"), timeoutSeconds: 1)
            }
            try xpmd.begin("web")
            #expect(
                try xpmd.wait("web", for: .ended).error?.hasSuffix("s.sock is in use by python3 (pid \(process.pid))")
                    == true)
        }
    }

    /// It listens, and takes nobody in: as a port in that state, it has not answered.
    @Test func socketWhoseBacklogIsFullIsWaitedFor() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let told = try Tidings("told", of: xpmd)
            let code = """
                import socket, signal
                s = socket.socket(socket.AF_UNIX); s.bind('s.sock'); s.listen(0)
                c = socket.socket(socket.AF_UNIX); c.connect('s.sock'); open('\(told.path)', 'w').write('1\\n')
                signal.pause()
                """
            let process = try ChildProcess(
                ["python3", "-c", code], environment: xpmd.environment, folder: xpmd.workspace)
            _ = try told.line()
            try add(xpmd, "exec sleep 1000") {
                $0.readiness = Readiness(unix: UnixProbe(path: "s.sock"), timeoutSeconds: 1)
            }
            try xpmd.begin("web")
            let error = try #require(try xpmd.wait("web", for: .ended).error)
            #expect(error.hasSuffix("s.sock to accept a connection: no room in its backlog yet"), "\(error)")
            process.kill()
        }
    }

    @Test func anyListenerMayAnswerWhereThatIsSaid() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let (process, port, _) = try stranger(xpmd)
            try add(xpmd, "exec sleep 1000") {
                $0.readiness = Readiness(tcp: TCPProbe(host: "127.0.0.1", port: port), anyListener: true)
            }
            #expect(try xpmd.start("web").state == .running)
            withExtendedLifetime(process) {}
        }
    }

    /// Grandchildren, and those that left session and parent behind, are the service's as well.
    @Test(arguments: ["%@ & wait", "setsid %@ & exec sleep 1000", "(setsid env -u XPM_ATTEMPT %@ &); exec sleep 1000"])
    func everyProcessOfTheServiceMayAnswer(form: String) throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let told = try Tidings("told", of: xpmd)
            let port = try ReadinessTests.freePort()
            let file = try xpmd.scratch.file("page.py", Self.page(told, port: port)[2])
            let command = form.split(separator: "%@", omittingEmptySubsequences: false).joined(
                separator: "python3 \(file)")
            try add(xpmd, command) { $0.readiness = Readiness(tcp: TCPProbe(port: port)) }
            try xpmd.begin("web")
            #expect(try xpmd.wait("web", for: .running).state == .running)
        }
    }

    @Test func checkOfHealthIsNotMetByAStranger() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let (process, port, _) = try stranger(xpmd)
            try add(xpmd, "exec sleep 1000") {
                $0.health = HealthPolicy(
                    tcp: TCPProbe(host: "127.0.0.1", port: port), initialDelaySeconds: 0, intervalSeconds: 0.1,
                    threshold: 2, action: .error)
            }
            try xpmd.begin("web")
            let ended = try xpmd.wait("web", for: .ended)
            #expect(ended.error?.hasSuffix("in use by python3 (pid \(process.pid))") == true, "\(ended.error ?? "")")
        }
    }

    @Test func portOfTheOtherFamilyIsFoundBesideAStrangers() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let (_, port, _) = try stranger(xpmd)
            let code = """
                import socket, signal
                s = socket.socket(socket.AF_INET6); s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
                s.bind(('::1', \(port))); s.listen(); signal.pause()
                """
            try xpmd.add(
                "web", ["python3", "-c", code], to: xpmd.open("lab"), readiness: Readiness(tcp: TCPProbe(port: port)))
            #expect(try xpmd.start("web").state == .running)
        }
    }

    @Test func eachProbeSucceedsAsOftenAsIsSaid() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let count = xpmd.scratch.path + "/count"
            try add(xpmd, "exec sleep 1000") {
                $0.readiness = Readiness(
                    command: CommandProbe(["sh", "-c", "echo x >>\(count)"]), initialDelaySeconds: 0.5, successes: 2)
            }
            let tape = try EventTape(xpmd.socket)
            try xpmd.begin("web")
            let ran = try tape.await { $0.kind == .serviceChanged && $0.pid != nil }
            let ready = try tape.await("web", .running)
            #expect(ready.at.milliseconds - ran.at.milliseconds >= 1400)
            #expect(text(of: count) == "x\nx\n")
        }
    }

    /// As docker-proxy does: a process outside of the service's tree that passes connections on to it.
    @Test(arguments: ["docker-proxy", "somebody"]) func forwarderOfContainersMayAnswerAndOthersMayNot(name: String)
        throws
    {
        try withInstance { xpmd in
            try xpmd.launch()
            let (told, up, go) = (
                try Tidings("told", of: xpmd), try Tidings("up", of: xpmd), try Tidings("go", of: xpmd)
            )
            let port = try ReadinessTests.freePort()
            let program = "\(xpmd.scratch.path)/\(name)"
            #expect(symlink("/usr/bin/python3", program) == 0)
            let code = """
                import socket, sys, threading
                inner = int(open('\(go.path)').readline())
                s = socket.socket(); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                s.bind(('127.0.0.1', \(port))); s.listen(); open('\(up.path)', 'w').write('up\\n')
                def pump(a, b):
                    while data := a.recv(4096): b.sendall(data)
                    b.shutdown(socket.SHUT_WR)
                while True:
                    outer = s.accept()[0]; own = socket.create_connection(('127.0.0.1', inner))
                    for pair in ((outer, own), (own, outer)): threading.Thread(target=pump, args=pair, daemon=True).start()
                """
            let forwarder = try ChildProcess([program, "-c", code], environment: xpmd.environment)
            try xpmd.add(
                "web", Self.page(told), to: xpmd.open("lab"),
                readiness: Readiness(
                    http: HTTPProbe(url: "http://127.0.0.1:\(port)/"), timeoutSeconds: name == "somebody" ? 2 : nil))
            try xpmd.begin("web")
            try go.write("\(try told.pid())\n")
            #expect(try up.line() == "up")
            if name == "docker-proxy" {
                let running = try xpmd.wait("web", for: .running)
                #expect(
                    running.notes.contains("port \(port) is forwarded by docker-proxy (pid \(forwarder.pid))"),
                    "\(running.notes)")
            } else {
                let ended = try xpmd.wait("web", for: .ended)
                #expect(
                    ended.error?.hasSuffix("in use by somebody (pid \(forwarder.pid))") == true, "\(ended.error ?? "")")
            }
        }
    }
}
