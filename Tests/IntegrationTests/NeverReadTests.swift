import FoundationEssentials
import Glibc
import Testing
import XPMProtocol

/// Clients that ask and never read: they cost the daemon little, and the others nothing.
struct NeverReadTests {
    /// Kilobytes of memory that a process has.
    private func resident(_ pid: Int32) throws -> Int {
        let status = try String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8)
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
        return line.flatMap { Int($0.split(separator: " ")[1]) } ?? 0
    }

    private func greeted(_ xpmd: Instance) throws -> RawClient {
        let client = try RawClient(xpmd.socket)
        try client.greet()
        return client
    }

    private func withLargeService(_ body: (Instance, Int32) throws -> Void) throws {
        try withInstance { xpmd in
            let daemon = try xpmd.launch()
            let run = try xpmd.open("lab")
            let client = try greeted(xpmd)
            let text = String(repeating: "x", count: 30_000)
            let environment = ["PATH": "/bin", "A": text, "B": text, "C": text, "D": text, "E": text]
            let definition = ServiceDefinition(run: .command(["/bin/true"]), environment: environment)
            let request = Request(id: .integer(1), AddService(to: run, id: "large", definition: definition))
            client.send(Frame.encode(try Wire.encode(request)))
            #expect(try client.reply().error == nil)
            try body(xpmd, daemon.pid)
        }
    }

    @Test(arguments: ["", #","usage":true"#]) func repliesThatNobodyReadsAreNotMade(usage: String) throws {
        try withLargeService { xpmd, pid in
            let before = try resident(pid)
            let request = #"{"id":1,"jsonrpc":"2.0","method":"service.get","params":{"service":"large"\#(usage)}}"#
            let flood = Array(repeating: Frame.encode(Array(request.utf8)), count: 400).flatMap(\.self)
            var clients: [RawClient] = []
            for _ in 0..<4 {
                clients.append(try greeted(xpmd))
                clients[clients.count - 1].send(flood)
            }
            // All that can be done by then is done: 1,600 replies of 150 kB would be 240 MB.
            for _ in 0..<20 { #expect(try xpmd.status().pid == pid) }
            #expect(try resident(pid) - before < 30_000)
            // Who reads after all gets every one.
            for _ in 0..<400 { #expect(try clients[0].payload() != nil) }
        }
    }

    @Test func subscribersThatNeverReadShareWhatTheyAreSent() throws {
        try withInstance { xpmd in
            let daemon = try xpmd.launch()
            let run = try xpmd.open("lab")
            let client = try greeted(xpmd)
            let definition = ServiceDefinition(run: .command(["/bin/true"]), environment: ["PATH": "/bin"])
            func change(_ count: Int) throws {
                for number in 0..<count {
                    let add = Request(id: .integer(1), AddService(to: run, id: "s\(number)", definition: definition))
                    let remove = Request(
                        id: .integer(2), RemoveService(ServiceReference(ServiceIdentity(run: run, id: "s\(number)"))))
                    client.send(Frame.encode(try Wire.encode(add)) + Frame.encode(try Wire.encode(remove)))
                }
                for _ in 0..<(2 * count) { #expect(try client.payload() != nil) }
            }
            try change(100)
            var clients: [RawClient] = []
            for _ in 0..<50 {
                clients.append(try greeted(xpmd))
                let reply = try clients[clients.count - 1].ask(#"{"id":1,"jsonrpc":"2.0","method":"events.subscribe"}"#)
                #expect(reply.error == nil)
            }
            let before = try resident(daemon.pid)
            // More than a socket holds, and more than is kept for one that does not read.
            for _ in 0..<8 { try change(100) }
            #expect(try resident(daemon.pid) - before < 50 * 150)
            // And nothing is lost.
            var last = Int64(0)
            for _ in 0..<1_600 {
                let payload = try #require(try clients[0].payload())
                let event = try Wire.decode(EventNotification.self, from: payload).params
                if last > 0 { #expect(event.sequence == last + 1) }
                last = event.sequence
            }
        }
    }
}
