import Glibc
import Testing
import XPMProtocol

/// Services whose ports nobody but their user reaches.
struct PrivateNetworkTests {
    /// Gets a page at a Unix socket or a port, and prints what comes; what keeps it from that is printed, too.
    private static let client = """
        import socket, sys
        place, text = sys.argv[1], sys.argv[2]
        try:
            s = socket.socket(socket.AF_UNIX if place.startswith('/') else socket.AF_INET)
            s.connect(place if place.startswith('/') else ('127.0.0.1', int(place)))
            s.sendall(text.encode().decode('unicode_escape').encode())
            s.shutdown(socket.SHUT_WR)
            while data := s.recv(65536): sys.stdout.buffer.write(data)
        except OSError as error: print(type(error).__name__)
        """

    private func get(_ xpmd: Instance, _ place: String, asNobody: Bool = false) throws -> String {
        let output = try xpmd.scratch.file("answer", "", mode: 0o600)
        let nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
        let child = try ChildProcess(
            (asNobody ? nobody : []) + ["/usr/bin/python3", "-c", Self.client, place, #"GET / HTTP/1.0\r\n\r\n"#],
            environment: xpmd.serviceEnvironment, files: [1: (output, O_WRONLY | O_TRUNC)])
        _ = try child.wait()
        return text(of: output)
    }

    private func addSite(_ xpmd: Instance, to run: RunIdentity, _ change: (inout ServiceDefinition) -> Void = { _ in })
        throws
    {
        let folder = xpmd.scratch.folder("pages")
        _ = try xpmd.scratch.file("pages/index.html", "the page of its user")
        try xpmd.addScript(
            "site", "exec python3 -u -m http.server --bind 127.0.0.1 --directory \(folder) {port}", to: run
        ) {
            $0.port = 0
            $0.network = .private
            $0.readiness = Readiness(http: HTTPProbe(url: "http://127.0.0.1:{port}/"), tcp: TCPProbe())
            change(&$0)
        }
    }

    @Test(.enabled(if: UserNamespace.isAllowed)) func onlyItsUserReachesIt() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            try addSite(xpmd, to: try xpmd.open("lab"))
            let site = try xpmd.start("site")
            let (relay, port) = (try #require(site.relay), try #require(site.port))
            #expect(try get(xpmd, relay).hasSuffix("the page of its user"))
            #expect(try get(xpmd, "\(port)") == "ConnectionRefusedError\n")
            guard geteuid() == 0 else { return }
            #expect(try get(xpmd, "\(port)", asNobody: true) == "ConnectionRefusedError\n")
            #expect(try get(xpmd, relay, asNobody: true) == "PermissionError\n")
        }
    }

    @Test(.enabled(if: UserNamespace.isAllowed)) func relayOutlivesXpmdAndKeeperAndEndsWithTheService() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            try addSite(xpmd, to: try xpmd.open("lab"))
            let relay = try #require(try xpmd.start("site").relay)
            try xpmd.crash()
            #expect(try get(xpmd, relay).hasSuffix("the page of its user"))
            try xpmd.launch()
            try xpmd.killKeeper()
            #expect(try get(xpmd, relay).hasSuffix("the page of its user"))
            let tape = try EventTape(xpmd.socket)
            #expect(try xpmd.stop("site").relay == nil)
            try tape.read(to: try xpmd.status().lastEvent)
            #expect(!tape.events.contains { $0.cause?.contains("its main process left") == true })
            #expect(access(relay, F_OK) != 0)
        }
    }

    @Test(.enabled(if: UserNamespace.isAllowed)) func nextAttemptHasARelayAgain() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            try addSite(xpmd, to: try xpmd.open("lab"))
            let site = try xpmd.start("site")
            let relay = try #require(site.relay)
            let pid = try #require(
                Processes.mentioning(relay).first { Processes.commandLine(of: $0).contains("xpm-keeper private") })
            try Processes.kill(pid)
            #expect(try get(xpmd, relay) == "ConnectionRefusedError\n")
            #expect(try xpmd.service("site").pid == site.pid)
            try xpmd.stop("site")
            let other = try #require(try xpmd.start("site").relay)
            #expect(try get(xpmd, other).hasSuffix("the page of its user"))
        }
    }

    @Test(.enabled(if: UserNamespace.isAllowed)) func namedPortsHaveRelaysOfTheirOwn() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let run = try xpmd.open("lab")
            let folder = xpmd.scratch.folder("pages")
            _ = try xpmd.scratch.file("pages/index.html", "the page of its user")
            let serve = "python3 -u -m http.server --bind 127.0.0.1 --directory \(folder)"
            try xpmd.addScript("two", "\(serve) {port:more} & exec \(serve) {port}", to: run) {
                $0.port = 0
                $0.network = .private
                $0.web = WebPolicy(ports: ["more": 0])
                $0.readiness = Readiness(http: HTTPProbe(url: "http://127.0.0.1:{port:more}/"), tcp: TCPProbe())
            }
            let relay = try #require(try xpmd.start("two").relay)
            for path in [relay, "\(relay).more"] { #expect(try get(xpmd, path).hasSuffix("the page of its user")) }
        }
    }

    @Test(.enabled(if: UserNamespace.isAllowed)) func settingThatForbidsItIsNamed() throws {
        try withInstance { xpmd in
            try xpmd.limit("max_net_namespaces", to: 0)
            try xpmd.launch()
            try addSite(xpmd, to: try xpmd.open("lab"))
            _ = try? xpmd.start("site")
            #expect(try xpmd.service("site").state == .error)
            let log = try xpmd.log("site", .stderr)
            #expect(log.contains("cannot make a private network") && log.contains("user.max_net_namespaces is 0"))
        }
    }
}
