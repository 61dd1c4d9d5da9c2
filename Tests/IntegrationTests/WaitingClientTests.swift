import Glibc
import Testing
import XPMClient
import XPMProtocol

/// The Swift client's own waits and restarts. Apart from the tests that block the threads which tasks run on.
struct WaitingClientTests {
    /// A client that starts xpmd where it does not run, if that is said.
    private func client(_ xpmd: Instance, starts: Bool = false) throws -> Client {
        let places = try Places(environment: xpmd.environment, user: getuid())
        let programs = Binaries.xpmd.lastIndex(of: "/").map { String(Binaries.xpmd[..<$0]) }
        let autostart = Autostart(places: places, environment: xpmd.environment, programs: programs)
        return Client(places: places, autostart: starts ? autostart : nil)
    }

    @Test func swiftClientWaitsUnderTheNextDaemon() async throws {
        try await withInstance { (xpmd: Instance) async throws in
            try xpmd.launch()
            let gate = try Tidings("gate", of: xpmd)
            try xpmd.addScript(
                "slow", "read go < \(gate.path); echo ready; exec sleep 1000", to: xpmd.open("lab"),
                // Longer than this task may have to wait for its turn beside all other tests.
                readiness: Readiness(log: LogPattern("ready"), timeoutSeconds: 1000))
            let client = try client(xpmd)
            let slow = ServiceReference(id: "slow", workspace: xpmd.workspace)
            try await client.start(slow)
            async let record = client.wait(slow, timeout: .seconds(900))
            #expect(try xpmd.ctl("daemon", "reexec").code == 0)
            try gate.letGo()
            #expect(try await record.state == .running)
        }
    }

    /// What was asked of the daemon that is killed is lost with it, or there is nobody to ask.
    @Test func swiftClientRestartsUnderTheNextDaemon() async throws {
        try await withInstance { (xpmd: Instance) async throws in
            let daemon = try xpmd.launch()
            try xpmd.add("sleeper", ["sleep", "1000"], to: xpmd.open("lab"))
            let before = try xpmd.start("sleeper")
            let client = try client(xpmd, starts: true)
            let sleeper = ServiceReference(id: "sleeper", workspace: xpmd.workspace)
            _ = try await client.status(sleeper)
            daemon.signal(SIGSTOP)
            async let restarted = client.restart(sleeper, force: true)
            try xpmd.crash()
            _ = try await restarted
            let after = try await client.wait(sleeper)
            #expect(after.attempt == before.attempt.map { $0 + 1 } && after.pid != before.pid)
        }
    }

    @Test func serviceOfTheSwiftClientHasWhatThisProcessHas() async throws {
        try await withInstance { (xpmd: Instance) async throws in
            try xpmd.launch()
            let client = try client(xpmd)
            let run = try await client.openExperiment(workspace: xpmd.workspace, experiment: "lab", run: "r1").identity
            let added = try await client.add(
                to: run, id: "sleeper",
                definition: ServiceDefinition(run: .command(["sleep", "1000"]), environment: xpmd.serviceEnvironment))
            let sleeper = ServiceReference(added.service.identity)
            try await client.start(sleeper)
            let pid = try #require(try await client.wait(sleeper).pid)
            #expect(try await client.status(sleeper).definition.caller == .ofThisProcess)
            for field in ["Umask:", "Cpus_allowed_list:"] {
                let (own, its) = (line(field, of: "/proc/self/status"), line(field, of: "/proc/\(pid)/status"))
                #expect(own != nil && own == its, "\(field)")
            }
        }
    }

    private func line(_ field: String, of path: String) -> Substring? {
        text(of: path).split(separator: "\n").first { $0.hasPrefix(field) }
    }
}
