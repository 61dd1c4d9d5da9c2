import Glibc
import Testing
import XPMProtocol

/// Ports and tokens that services keep.
struct PortTests {
    private static let server = """
        import http.server as h, sys
        h.HTTPServer(('127.0.0.1', int(sys.argv[1])), h.SimpleHTTPRequestHandler).serve_forever()
        """

    private func definition(_ xpmd: Instance, port: Int = 0) -> ServiceDefinition {
        ServiceDefinition(
            run: .command(["python3", "-c", Self.server, "{port}"]), environment: xpmd.serviceEnvironment, port: port,
            url: "http://localhost:{port}/", readiness: Readiness(http: HTTPProbe()), stop: StopPolicy(graceSeconds: 5))
    }

    private func add(_ id: String, _ xpmd: Instance, _ run: RunIdentity, port: Int = 0) throws {
        try xpmd.call(AddService(to: run, id: id, definition: definition(xpmd, port: port)))
    }

    /// A listener of the test's own.
    private final class Listener {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)

        init(_ port: Int) throws {
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = in_port_t(port).bigEndian
            address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
            var on: Int32 = 1
            setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, 4)
            let bound = withUnsafePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, 16) }
            }
            guard bound == 0, listen(descriptor, 1) == 0 else { throw TestFailure(cannot: "listen on \(port)") }
        }

        deinit { close(descriptor) }
    }

    @Test func portStaysOverRestartsOfServiceAndDaemon() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let run = try xpmd.open("lab")
            try add("web", xpmd, run)
            let first = try xpmd.start("web")
            let port = try #require(first.port)
            #expect((20000...29999).contains(port) && first.url == "http://localhost:\(port)/")
            try xpmd.call(RestartService(ServiceReference(parsing: "web")))
            let second = try xpmd.wait("web", for: .running)
            #expect(second.port == port && second.pid != first.pid)
            try xpmd.crash()
            try xpmd.launch()
            #expect(try xpmd.service("web").port == port)
            try xpmd.stop("web")
            #expect(try xpmd.start("web").port == port)
            // So it does when another definition takes the place of this one.
            try xpmd.stop("web")
            var other = definition(xpmd)
            other.successCodes = [3]
            try xpmd.call(AddService(to: run, id: "web", definition: other))
            #expect(try xpmd.start("web").port == port)
        }
    }

    @Test func portThatSomebodyElseTookIsExchangedWithANote() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            try add("web", xpmd, xpmd.open("lab"))
            let port = try #require(try xpmd.start("web").port)
            try xpmd.stop("web")
            let listener = try Listener(port)
            let second = try xpmd.start("web")
            #expect(second.port != port && second.url == second.port.map { "http://localhost:\($0)/" })
            let note = second.notes.first { $0.hasPrefix("port \(port) is in use by ") }
            #expect(
                note?.contains("(pid \(getpid())), using port \(second.port ?? 0) instead") == true, "\(second.notes)")
            withExtendedLifetime(listener) {}
        }
    }

    @Test func twoServicesNeverGetTheSamePort() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let run = try xpmd.open("lab")
            let names = (0..<5).map { "web\($0)" }
            for name in names { try add(name, xpmd, run) }
            for name in names { try xpmd.begin(name) }
            let ports = try names.map { try xpmd.wait($0, for: .running).port }
            #expect(Set(ports).count == names.count && !ports.contains(nil))
        }
    }

    @Test func portOfTheUsersOwnIsNeverExchanged() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let port = try ReadinessTests.freePort()
            try add("web", xpmd, xpmd.open("lab"), port: port)
            #expect(try xpmd.start("web").port == port)
            try xpmd.stop("web")
            let listener = try Listener(port)
            try xpmd.begin("web")
            let ended = try xpmd.wait("web", for: .ended)
            #expect(
                ended.error?.hasPrefix("cannot be started: port \(port) is in use by ") == true, "\(ended.error ?? "")")
            withExtendedLifetime(listener) {}
        }
    }

    @Test func commandLineAsksForAPortByItsPlace() throws {
        try withInstance { xpmd in
            let port = try ReadinessTests.freePort()
            let added = try xpmd.ctl(
                "add", "web", "--start", "--port", "\(port)", "--url", "http://localhost:{port}/x", "--ready-tcp",
                "{port}", "--", "python3", "-c", Self.server, "{port}")
            #expect(added.code == 0 && added.output == "http://localhost:\(port)/x\n", "\(added.errors)")
            let said = try Tidings("said", of: xpmd)
            let other = try xpmd.ctl(
                "add", "echo", "--start", "--", "sh", "-c",
                "echo $XPM_PORT ${port} {port} {{port}} > \(said.path); exec sleep 1000")
            #expect(other.code == 0, "\(other.errors)")
            let given = try #require(try xpmd.service("echo").port)
            #expect(try said.line() == "\(given) \(given) {port}")
            #expect(try xpmd.ctl("add", "plain", "--", "echo", "{other}").code == 0)
            #expect(try xpmd.service("plain").port == nil)
        }
    }

    @Test func tokenOfATemplateStaysAndIsNoArgument() throws {
        try withInstance { xpmd in
            let template = """
                command = ["sh", "-c", "echo token $PAGE_TOKEN; exec sleep 1000"]
                url = "http://127.0.0.1:{port}/?token={token}"
                [environment]
                PAGE_TOKEN = "{token}"
                """
            xpmd.scratch.folder("config/templates")
            try xpmd.scratch.file("config/templates/page.toml", template)
            let first = try xpmd.ctl("start", "page")
            #expect(first.code == 0 && first.output.contains("/?token="), "\(first.errors)")
            let token = first.output.dropLast().split(separator: "=").last.map(String.init) ?? ""
            #expect(token.count == 48)
            #expect(try xpmd.ctl("restart", "page").output == first.output)
            let pid = try #require(try xpmd.service("page").pid)
            #expect(!text(of: "/proc/\(pid)/cmdline").contains(token))
            let definition = try xpmd.call(GetService(ServiceReference(parsing: "page"))).definition
            #expect(!String(decoding: try Wire.encode(definition), as: UTF8.self).contains(token))
        }
    }
}
