import Glibc
import Testing
import XPMProtocol

/// Clients that say at once that nothing more will come, as `nc -N` and `socat` do.
struct HalfClosedTests {
    private func request(_ id: Int, _ method: some Method, _ name: String) throws -> String {
        let params = String(decoding: try Wire.encode(method), as: UTF8.self)
        return #"{"id":\#(id),"jsonrpc":"2.0","method":"\#(name)","params":\#(params)}"#
    }

    /// Sends all of it in one go, and its own end; the replies by their ids, once the daemon has closed.
    private func ask(_ xpmd: Instance, _ requests: [String]) throws -> [RequestID: RawClient.Reply] {
        let client = try RawClient(xpmd.socket)
        client.send(([RawClient.hello] + requests).flatMap { Frame.encode(Array($0.utf8)) })
        client.finishSending()
        var replies: [RequestID: RawClient.Reply] = [:]
        while let payload = try client.payload() {
            let reply = try Wire.decode(RawClient.Reply.self, from: payload)
            if let id = reply.id { replies[id] = reply }
        }
        return replies
    }

    @Test func allThatWasAskedIsAnswered() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let run = try xpmd.open("lab")
            let script = "echo one; sleep 0.1; echo two; exec sleep 1000"
            try xpmd.addScript("talker", script, to: run)
            let talker = ServiceReference(ServiceIdentity(run: run, id: "talker"))
            let definition = ServiceDefinition(
                run: .command(["sleep", "1000"]), environment: xpmd.serviceEnvironment)
            let replies = try ask(
                xpmd,
                [
                    request(1, StartService(talker), StartService.name),
                    request(2, AddService(to: run, id: "new", definition: definition), AddService.name),
                    request(3, WaitService(talker, goal: .running), WaitService.name),
                    request(4, ServiceLogs(talker, stream: .stdout, offset: 0, waitSeconds: 60), ServiceLogs.name),
                    request(5, RestartService(talker), RestartService.name),
                    request(6, StopService(talker, force: true), StopService.name),
                    request(7, WaitService(talker, goal: .ended), WaitService.name),
                    request(8, RemoveService(ServiceReference(id: "nobody")), RemoveService.name),
                ])
            #expect(Set(replies.keys) == Set((0...8).map { .integer($0) }))
            for id in [0, 1, 2, 4, 5, 6, 7] { #expect(replies[.integer(Int64(id))]?.error == nil, "\(id)") }
            #expect(replies[.integer(8)]?.error?.code == .notFound)
            #expect(try xpmd.service("new").state == .stopped)
        }
    }

    /// More than a socket holds, so that the end has to wait for who reads.
    @Test func longAnswerIsWhole() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let run = try xpmd.open("lab")
            let done = try Tidings("done", of: xpmd)
            try xpmd.addScript(
                "long", "yes 0123456789 | head -c 1000000; echo > \(done.path); exec sleep 1000", to: run)
            try xpmd.start("long")
            _ = try done.line()
            let long = ServiceReference(ServiceIdentity(run: run, id: "long"))
            let replies = try ask(
                xpmd, [request(1, ServiceLogs(long, stream: .stdout, offset: 0, waitSeconds: 0), ServiceLogs.name)])
            guard case .object(let result)? = replies[.integer(1)]?.result else { throw TestFailure("no answer") }
            #expect(result["text"]?.text?.utf8.count == 1_000_000)
        }
    }

    @Test func subscriberHearsOnUntilItHasGone() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let run = try xpmd.open("lab")
            let before = try xpmd.status().connections
            var client: RawClient? = try RawClient(xpmd.socket)
            client?.send(
                [RawClient.hello, try request(1, SubscribeEvents(since: nil), SubscribeEvents.name)].flatMap {
                    Frame.encode(Array($0.utf8))
                })
            client?.finishSending()
            for id in 0...1 { #expect(try client?.reply().id == .integer(Int64(id))) }
            try xpmd.add("sleeper", ["sleep", "1000"], to: run)
            let payload = try #require(try client?.payload())
            #expect(try Wire.decode(EventNotification.self, from: payload).params.id == "sleeper")
            client = nil
            // The end is seen by the daemon before it takes what comes on later connections.
            #expect(try xpmd.status().connections == before)
        }
    }
}
