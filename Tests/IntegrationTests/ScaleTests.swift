import Testing
import XPMProtocol

/// A thousand services at once.
struct ScaleTests {
    private static let count = 1000

    /// Sends a request for each number, a hundred at a time, and reads the replies.
    private func forEach<M: Method>(_ client: RawClient, _ request: (Int) -> M) throws {
        for start in stride(from: 0, to: Self.count, by: 100) {
            for number in start..<(start + 100) {
                let request = Request(id: .integer(Int64(number)), request(number))
                client.send(Frame.encode(try Wire.encode(request)))
            }
            for _ in start..<(start + 100) {
                if let error = try client.reply().error { throw error }
            }
        }
    }

    @Test func thousandServicesStartAndStop() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let run = try xpmd.open("many")
            let client = try RawClient(xpmd.socket)
            try client.greet()
            func reference(_ number: Int) -> ServiceReference {
                ServiceReference(ServiceIdentity(run: run, id: "s\(number)"))
            }
            let definition = ServiceDefinition(run: .command(["/bin/sleep", "1000"]), environment: ["PATH": "/bin"])
            try forEach(client) { AddService(to: run, id: "s\($0)", definition: definition) }
            try forEach(client) { StartService(reference($0)) }
            try forEach(client) { WaitService(reference($0), goal: .running, timeoutSeconds: 100) }
            let listed = try xpmd.ctl("list", "--output", "json")
            let records = try Wire.decode([ServiceRecord].self, from: listed.output.utf8)
            #expect(records.count == Self.count && records.allSatisfy { $0.state == .running })
            #expect(Set(records.map(\.pid)).count == Self.count)
            #expect(Set(records.map(\.attempt)).count == Self.count)

            try xpmd.crash()
            try xpmd.launch()
            #expect(try xpmd.list() == records)

            let next = try RawClient(xpmd.socket)
            try next.greet()
            try forEach(next) { StopService(reference($0)) }
            try forEach(next) { WaitService(reference($0), goal: .ended, timeoutSeconds: 100) }
            #expect(try xpmd.list().allSatisfy { $0.state == .stopped && $0.pid == nil })
            #expect(records.allSatisfy { !Processes.isAlive($0.pid ?? 0) })
        }
    }
}
