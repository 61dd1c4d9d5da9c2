import Glibc
import Testing
import XPMProtocol

/// Every condition of readiness, met by a real service and not met in time.
struct ReadinessTests {
    /// A server in Python whose readiness the test decides: it waits to be let go before it listens.
    private static func server(_ family: String, _ address: String, go: Tidings) -> [String] {
        let code = """
            import socket, sys, signal
            open(\(quoted(go.path))).readline()
            s = socket.socket(socket.\(family)); s.bind(\(address)); s.listen(); signal.pause()
            """
        return ["python3", "-c", code]
    }

    private static func quoted(_ text: String) -> String { "'\(text)'" }

    private func add(
        _ xpmd: Instance, _ arguments: [String], _ readiness: Readiness, stop: StopPolicy? = nil
    ) throws {
        try xpmd.add("web", arguments, to: xpmd.open("lab"), readiness: readiness, stop: stop)
    }

    /// A port that nobody uses just now.
    static func freePort() throws -> Int {
        let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(socket) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let port = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { general -> UInt16 in
                bind(socket, general, length)
                getsockname(socket, general, &length)
                return UInt16(bigEndian: pointer.pointee.sin_port)
            }
        }
        return Int(port)
    }

    @Test func portThatAcceptsIsReady() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let (go, port) = (try Tidings("go", of: xpmd), try Self.freePort())
            try add(
                xpmd, Self.server("AF_INET", "('127.0.0.1', \(port))", go: go), Readiness(tcp: TCPProbe(port: port)))
            let tape = try EventTape(xpmd.socket)
            try xpmd.begin("web")
            try tape.await { $0.kind == .serviceChanged && $0.pid != nil }
            #expect(try xpmd.service("web").waitingFor?.hasPrefix("port \(port) to accept") == true)
            try go.letGo()
            #expect(try xpmd.wait("web", for: .running).state == .running)
        }
    }

    @Test func socketThatAcceptsIsReady() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let go = try Tidings("go", of: xpmd)
            // The folder of the service is the workspace.
            let path = xpmd.workspace + "/web.sock"
            try add(
                xpmd, Self.server("AF_UNIX", Self.quoted(path), go: go), Readiness(unix: UnixProbe(path: "web.sock")))
            try xpmd.begin("web")
            try go.letGo()
            #expect(try xpmd.wait("web", for: .running).state == .running)
        }
    }

    @Test func commandThatSucceedsIsReady() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let flag = xpmd.scratch.path + "/flag"
            let probe = CommandProbe(["sh", "-c", "test -e \(flag) && test -n \"$XPM_MAINPID\""])
            try add(xpmd, ["sleep", "1000"], Readiness(command: probe))
            try xpmd.begin("web")
            #expect(try xpmd.service("web").state == .starting)
            close(open(flag, O_CREAT | O_WRONLY, 0o600))
            #expect(try xpmd.wait("web", for: .running).state == .running)
        }
    }

    @Test func delayIsWaitedFor() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            try add(xpmd, ["sleep", "1000"], Readiness(delaySeconds: 1.5))
            let tape = try EventTape(xpmd.socket)
            try xpmd.begin("web")
            let ran = try tape.await { $0.kind == .serviceChanged && $0.pid != nil }
            let ready = try tape.await("web", .running)
            #expect(ready.at.milliseconds - ran.at.milliseconds >= 1400)
        }
    }

    @Test func pathIsAskedOfTheAddressInTheLog() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let server = """
                import http.server as h
                class H(h.BaseHTTPRequestHandler):
                    def do_GET(self): self.send_response(204 if self.path == '/health' else 503); self.end_headers()
                    def log_message(self, *a): pass
                s = h.HTTPServer(('127.0.0.1', 0), H); print('at http://127.0.0.1:%d/' % s.server_port, flush=True)
                s.serve_forever()
                """
            try add(
                xpmd, ["python3", "-c", server],
                Readiness(log: LogPattern("at (http\\S+)"), http: HTTPProbe(path: "/health", status: [204])))
            let running = try xpmd.start("web")
            #expect(running.url?.hasPrefix("http://127.0.0.1:") == true && running.url?.hasSuffix("/health") == false)
        }
    }

    @Test(arguments: [
        (
            Readiness(tcp: TCPProbe(port: 1), timeoutSeconds: 0.5),
            "port 1 to accept a connection: Connection refused"
        ),
        (
            Readiness(unix: UnixProbe(path: "/nonexistent/s"), timeoutSeconds: 0.5),
            "/nonexistent/s to accept a connection: No such file or directory"
        ),
        (
            Readiness(command: CommandProbe(["false"]), timeoutSeconds: 0.5),
            "false to succeed: the command exited with code 1"
        ),
        (Readiness(notify: true, timeoutSeconds: 0.5), "it to send READY=1"),
    ])
    func whatWasAwaitedIsTheReason(readiness: Readiness, reason: String) throws {
        try withInstance { xpmd in
            try xpmd.launch()
            try add(xpmd, ["sleep", "1000"], readiness)
            try xpmd.begin("web")
            let ended = try xpmd.wait("web", for: .ended)
            #expect(ended.state == .error)
            #expect(ended.error == "was not ready within 0.5 s: still waiting for \(reason)")
        }
    }

    @Test func commandThatHangsIsEndedWithItsProcesses() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let tidings = try Tidings("tidings", of: xpmd)
            let probe = CommandProbe(["sh", "-c", "echo $$ >\(tidings.path); sleep 1000 & wait"])
            try add(xpmd, ["sleep", "1000"], Readiness(command: probe, timeoutSeconds: 0.5))
            try xpmd.begin("web")
            let pid = try tidings.pid()
            #expect(try xpmd.wait("web", for: .ended).state == .error)
            try Processes.awaitEnd(of: pid)
        }
    }

    @Test func stopCommandEndsTheServiceInPlaceOfTheSignal() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let go = try Tidings("go", of: xpmd)
            // Deaf to TERM: only the command ends it.
            let script = "trap '' TERM; echo ready; read line <\(go.path)"
            try xpmd.addScript("web", script, to: xpmd.open("lab")) {
                $0.readiness = Readiness(log: LogPattern("ready"))
                $0.stop = StopPolicy(
                    command: ["sh", "-c", "kill -0 $XPM_MAINPID && echo >\(go.path)"], graceSeconds: 90)
            }
            try xpmd.start("web")
            let stopped = try xpmd.stop("web")
            #expect(stopped.state == .stopped && stopped.exit?.code == 0)
        }
    }

    @Test func signalIsSentWhereTheStopCommandFails() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            try xpmd.add(
                "web", ["sleep", "1000"], to: xpmd.open("lab"),
                stop: StopPolicy(command: ["false"], graceSeconds: 90))
            try xpmd.start("web")
            #expect(try xpmd.stop("web").exit?.signal == "SIGTERM")
        }
    }
}
