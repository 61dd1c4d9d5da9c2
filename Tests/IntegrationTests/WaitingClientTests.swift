import Glibc
import Testing
import XPMClient
import XPMProtocol

/// The Swift client's own waits. Apart from the tests that block the threads which tasks run on.
struct WaitingClientTests {
    @Test func swiftClientWaitsUnderTheNextDaemon() async throws {
        try await withInstance { (xpmd: Instance) async throws in
            try xpmd.launch()
            let gate = try Tidings("gate", of: xpmd)
            try xpmd.addScript(
                "slow", "read go < \(gate.path); echo ready; exec sleep 1000", to: xpmd.open("lab"),
                readiness: Readiness(log: LogPattern("ready")))
            let client = Client(places: try Places(environment: xpmd.environment, user: getuid()), autostart: nil)
            let slow = ServiceReference(id: "slow")
            try await client.start(slow)
            async let record = client.wait(slow, timeout: .seconds(90))
            #expect(try xpmd.ctl("daemon", "reexec").code == 0)
            try gate.letGo()
            #expect(try await record.state == .running)
        }
    }
}
