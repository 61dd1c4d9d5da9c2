import Glibc
import Testing
import XPMProtocol

/// Probes that cannot be made, for reasons that are not the service's.
struct UnmadeProbeTests {
    /// Adds a service that accepts connections at `port`, and writes a line for each to `told`.
    private func addServer(
        _ xpmd: Instance, _ run: RunIdentity, port: Int, told: String = "/dev/null", health: HealthPolicy
    ) throws {
        let code = """
            import socket
            s = socket.socket(); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            s.bind(('127.0.0.1', \(port))); s.listen(); told = open('\(told)', 'w', buffering=1)
            while True: s.accept()[0].close(); told.write('asked\\n')
            """
        let definition = ServiceDefinition(
            run: .command(["python3", "-c", code]), environment: xpmd.serviceEnvironment,
            readiness: Readiness(tcp: TCPProbe(host: "127.0.0.1", port: port)),
            restart: RestartPolicy(delaySeconds: 0.01),
            health: health)
        try xpmd.call(AddService(to: run, id: "web", definition: definition))
    }

    @Suite(.enabled(if: DeadNameServer.isPossible, "only root can mount a resolv.conf and have port 53"))
    struct NameServerTests {
        private let all = UnmadeProbeTests()

        @Test func deadNameServerHoldsUpNoHealthyService() throws {
            try withInstance { xpmd in
                let server = try DeadNameServer(for: xpmd)
                try xpmd.launch()
                let run = try xpmd.open("lab")
                let told = try Tidings("told", of: xpmd)
                let port = try ReadinessTests.freePort()
                try all.addServer(
                    xpmd, run, port: port, told: told.path,
                    health: HealthPolicy(
                        tcp: TCPProbe(host: "127.0.0.1", port: port), intervalSeconds: 0.02, timeoutSeconds: 2,
                        threshold: 1, action: .restart))
                let begun = try xpmd.start("web")
                let names = (1...4).map { "n\($0).example" }
                for (number, name) in names.enumerated() {
                    try xpmd.add(
                        "w\(number)", ["sleep", "1000"], to: run,
                        readiness: Readiness(tcp: TCPProbe(host: name, port: 80), timeoutSeconds: 1000))
                    try xpmd.begin("w\(number)")
                }
                try server.await(names)
                // Begun behind the questions, all but the first: there are no more than two before it is seen.
                for _ in 0..<100 { _ = try told.line() }
                let now = try xpmd.service("web")
                #expect(now.state == .running && now.attempt == begun.attempt && now.restarts == nil)
                #expect(now.health == nil)

                try xpmd.add(
                    "late", ["sleep", "1000"], to: run,
                    readiness: Readiness(tcp: TCPProbe(host: "n5.example", port: 80), timeoutSeconds: 1))
                try xpmd.begin("late")
                let late = try xpmd.wait("late", for: .ended)
                #expect(late.error?.contains("n5.example:80 to accept a connection: ") == true)
                #expect(late.error?.contains("the name server") == true)
            }
        }

        @Test func namesOfTheMachineNeedNoServer() throws {
            try withInstance { xpmd in
                let server = try DeadNameServer(for: xpmd, hosts: "127.0.0.1 localhost\n127.0.0.1 myhost\n")
                try xpmd.launch()
                let run = try xpmd.open("lab")
                let names = (1...4).map { "n\($0).example" }
                for (number, name) in names.enumerated() {
                    try xpmd.add(
                        "w\(number)", ["sleep", "1000"], to: run,
                        readiness: Readiness(tcp: TCPProbe(host: name, port: 80), timeoutSeconds: 1000))
                    try xpmd.begin("w\(number)")
                }
                try server.await(Array(names.prefix(3)))
                let port = try ReadinessTests.freePort()
                let code =
                    "import socket; s = socket.socket(); s.bind(('127.0.0.1', \(port))); s.listen()\nwhile True: s.accept()[0].close()"
                let probe = TCPProbe(host: "MyHost", port: port)
                let definition = ServiceDefinition(
                    run: .command(["python3", "-c", code]), environment: xpmd.serviceEnvironment,
                    readiness: Readiness(tcp: probe, timeoutSeconds: Instance.longTimeout))
                try xpmd.call(AddService(to: run, id: "web", definition: definition))
                #expect(try xpmd.start("web").state == .running)
            }
        }

        @Test func nameThatCannotBeLookedUpIsNoFailureOfItsService() throws {
            try withInstance { xpmd in
                let server = try DeadNameServer(for: xpmd)
                try xpmd.launch()
                let port = try ReadinessTests.freePort()
                try all.addServer(
                    xpmd, xpmd.open("lab"), port: port,
                    health: HealthPolicy(
                        tcp: TCPProbe(host: "web.example", port: port), intervalSeconds: 0.01, timeoutSeconds: 0.2,
                        threshold: 1, action: .restart))
                let tape = try EventTape(xpmd.socket)
                let begun = try xpmd.start("web")
                let event = try tape.await { $0.health != nil }
                #expect(event.cause == "a health check could not be made" && event.health?.failures == 0)
                #expect(
                    event.health?.notChecked
                        == "health check of web.example:\(port) could not be made: the name server does not answer: "
                        + "no address of 'web.example' within 0.2 s")
                #expect(try xpmd.ctl("status", "web").output.contains("the name server does not answer"))
                try server.await(["web.example"])
                try server.answer()
                let back = try tape.await { $0.health != nil && $0.health?.notChecked == nil }
                #expect(back.cause == "health checks work again" && back.health?.failures == 0)
                let now = try xpmd.service("web")
                #expect(now.state == .running && now.attempt == begun.attempt && now.restarts == nil)
            }
        }
    }

    @Test func xpmdWithoutDescriptorsBlamesNoService() throws {
        try withInstance { xpmd in
            let daemon = try xpmd.launch()
            let port = try ReadinessTests.freePort()
            try addServer(
                xpmd, xpmd.open("lab"), port: port,
                health: HealthPolicy(
                    tcp: TCPProbe(host: "127.0.0.1", port: port), intervalSeconds: 0.01, threshold: 1, action: .restart)
            )
            let tape = try EventTape(xpmd.socket)
            let begun = try xpmd.start("web")
            try limit(daemon.pid, "3:")
            let event = try tape.await { $0.health != nil }
            #expect(event.cause == "a health check could not be made", "\(event)")
            #expect(event.health?.notChecked?.hasSuffix("Too many open files") == true)
            try limit(daemon.pid, "1000:")
            let back = try tape.await { $0.health != nil && $0.health?.notChecked == nil }
            #expect(back.cause == "health checks work again")
            let now = try xpmd.service("web")
            #expect(now.state == .running && now.attempt == begun.attempt && now.restarts == nil)
        }
    }

    /// Changes how many descriptors a process may have.
    private func limit(_ pid: pid_t, _ limit: String) throws {
        let changed = try ChildProcess(
            ["prlimit", "--pid", "\(pid)", "--nofile=\(limit)"], environment: ["PATH": "/usr/bin:/bin"])
        try #require(try changed.wait() == .code(0))
    }
}
