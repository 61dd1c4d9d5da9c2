import Glibc
import Testing
import XPMProtocol

/// Services that live in the process of a client.
@Suite struct HostedTests {
    @Test func hostedServiceRunsAndEndsAsItsHostSays() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let host = try RawHost(xpmd.socket, of: xpmd.open("lab"))
            #expect(try host.add("kernels").added)
            #expect(try !host.add("kernels").added)
            try xpmd.begin("kernels")
            let attempt = try host.take(.start)
            #expect(try xpmd.service("kernels").state == .starting)
            try host.notify(attempt, "READY=1\nX_XPM_URL=http://127.0.0.1:8888/")
            let running = try xpmd.wait("kernels", for: .running)
            #expect(running.url == "http://127.0.0.1:8888/" && running.pid == getpid() && running.attempt == attempt)
            #expect(running.stdout == nil && running.stderr == nil)
            try xpmd.call(StopService(ServiceReference(id: "kernels")))
            #expect(try host.take(.stop) == attempt)
            try host.end(attempt)
            let ended = try xpmd.wait("kernels", for: .ended)
            #expect(ended.state == .stopped && ended.exit?.code == 0 && ended.pid == nil)
            try xpmd.begin("kernels")
            let next = try host.take(.start)
            try host.end(next, error: "no kernel is installed")
            #expect(try xpmd.wait("kernels", for: .settled).error == "no kernel is installed")
        }
    }

    @Test func anUpdateTakesAServiceFromItsHost() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let run = try xpmd.open("lab")
            let host = try RawHost(xpmd.socket, of: run)
            try host.add("kernels")
            try xpmd.begin("kernels")
            let attempt = try host.take(.start)
            try host.notify(attempt, "READY=1")
            _ = try xpmd.wait("kernels", for: .running)
            let definition = ServiceDefinition(
                run: .command(["sleep", "1000"]), environment: xpmd.serviceEnvironment)
            let other = try RawClient(xpmd.socket)
            try other.greet()
            let request = Request(
                id: .integer(7), AddService(to: run, id: "kernels", definition: definition, update: true))
            other.send(Frame.encode(try Wire.encode(request)))
            #expect(try host.take(.stop) == attempt)
            try host.end(attempt)
            let reply = try Wire.decode(Response<AddService.Reply>.self, from: try #require(try other.payload()))
            #expect(reply.result?.added == true, "\(reply)")
            let running = try xpmd.wait("kernels", for: .running)
            #expect(!running.isHosted && running.pid != nil && running.pid != getpid(), "\(running)")
            // And back again: who asks is the host.
            let back = AddService(
                to: run, id: "kernels", definition: ServiceDefinition(run: .hosted), update: true)
            #expect(try host.ask(back).added)
            try host.notify(try host.take(.start), "READY=1")
            #expect(try xpmd.wait("kernels", for: .running).isHosted)
            #expect(try !Processes.isAlive(#require(running.pid)))
            try xpmd.call(StopService(ServiceReference(id: "kernels")))
            try host.end(try host.take(.stop))
            _ = try xpmd.wait("kernels", for: .ended)
        }
    }

    @Test func killedProcessIsAnErrorAtOnce() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let (run, tape) = (try xpmd.open("lab"), try EventTape(xpmd.socket))
            let host = try HostProcess(of: run, xpmd)
            try tape.await { $0.kind == .serviceAdded }
            #expect(try xpmd.start("lab").pid == host.pid)
            host.kill()
            let error = try tape.await("lab", .error).error
            #expect(error == "process \(host.pid), in which it ran, disconnected")
            let refusal = #expect(throws: WireError.self) { try xpmd.begin("lab") }
            #expect(refusal?.code == .hostGone)
            let outcome = try xpmd.ctl("start", "lab")
            #expect(outcome.code == ErrorCode.hostGone.exitCode)
            #expect(outcome.errors.contains("run the program that added the service again"))
        }
    }

    /// How a daemon gives way to the next one.
    enum Replacement: CaseIterable { case crash, reexec, stopAlone }

    @Test(arguments: Replacement.allCases) func hostComesBackToTheNextDaemon(replacement: Replacement) throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let (run, tape) = (try xpmd.open("lab"), try EventTape(xpmd.socket))
            let host = try HostProcess(of: run, xpmd)
            try tape.await { $0.kind == .serviceAdded }
            defer { host.kill() }
            let before = try xpmd.start("lab")
            switch replacement {
            case .crash:
                try xpmd.crash()
                try xpmd.launch()
            case .reexec: try xpmd.call(ReexecDaemon())
            case .stopAlone:
                try xpmd.call(StopDaemon(keepServices: true))
                _ = try xpmd.awaitEnd()
                try xpmd.launch()
            }
            // Answered only when the host has said that it goes on.
            let after = try xpmd.wait("lab", for: .running)
            #expect(after.attempt == before.attempt && after.pid == host.pid && after.url == before.url)
            #expect(after.since == before.since)
            #expect(try xpmd.stop("lab").state == .stopped)
            #expect(try xpmd.start("lab").pid == host.pid)
        }
    }

    @Test func hostThatDiedMeanwhileIsFoundOut() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let (run, tape) = (try xpmd.open("lab"), try EventTape(xpmd.socket))
            let host = try HostProcess(of: run, xpmd)
            try tape.await { $0.kind == .serviceAdded }
            try xpmd.start("lab")
            try xpmd.crash()
            host.kill()
            try xpmd.launch()
            let record = try xpmd.wait("lab", for: .ended)
            #expect(record.error == "process \(host.pid), in which it ran, exited while xpmd was not running")
        }
    }

    @Test func hostThatStaysAwayIsGivenUp() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let run = try xpmd.open("lab")
            var host: RawHost? = try RawHost(xpmd.socket, of: run)
            try host?.add("kernels")
            try xpmd.begin("kernels")
            let attempt = try #require(try host?.take(.start))
            try host?.notify(attempt, "READY=1")
            try xpmd.wait("kernels", for: .running)
            try xpmd.crash()
            host = nil
            try xpmd.launch()
            let record = try xpmd.wait("kernels", for: .ended)
            #expect(record.error == "process \(getpid()), in which it ran, did not reconnect within 10 s")
            #expect(record.exit?.code == nil && record.exit?.signal == nil)
        }
    }

    @Test func hostThatIgnoresTheStopIsNamedUntilItGoes() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let tape = try EventTape(xpmd.socket)
            var host: RawHost? = try RawHost(xpmd.socket, of: try xpmd.open("lab"))
            try host?.add("kernels") { $0.stop = StopPolicy(graceSeconds: 0.1) }
            try xpmd.begin("kernels")
            let attempt = try #require(try host?.take(.start))
            try host?.notify(attempt, "READY=1")
            try xpmd.wait("kernels", for: .running)
            try xpmd.call(StopService(ServiceReference(id: "kernels")))
            #expect(try host?.request().params.force == nil)
            #expect(try host?.request().params.force == true)
            #expect(
                try tape.await("kernels", .error).error
                    == "did not stop when told to; it still runs in process \(getpid())")
            #expect(try xpmd.service("kernels").pid == getpid())
            host = nil
            // What nobody could end is gone with its process, and that it was to stop has come true.
            let gone = try tape.await { $0.id == "kernels" && $0.kind == .serviceChanged }
            #expect(gone.state == .stopped && gone.error == nil)
        }
    }

    @Test func hostThatNeverAnswersIsNotAwaitedForEver() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let host = try RawHost(xpmd.socket, of: try xpmd.open("lab"))
            try host.add("kernels")
            try xpmd.begin("kernels")
            let error = #expect(throws: WireError.self) { try xpmd.wait("kernels", for: .running) }
            #expect(error?.code == .startFailed)
            #expect(
                error?.message.contains("process \(getpid()) did not start it: cannot wait longer than 10 s")
                    == true)
            #expect(try host.request().method == .start)
            let stop = try host.request()
            #expect(stop.method == .stop && stop.params.force == true)
        }
    }

    @Test func nobodySpeaksForTheServiceOfAnother() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let run = try xpmd.open("lab")
            let (host, stranger) = (try RawHost(xpmd.socket, of: run), try RawHost(xpmd.socket, of: run))
            try host.add("kernels")
            try stranger.add("other")
            try xpmd.begin("kernels")
            let attempt = try host.take(.start)
            for number in [attempt, attempt + 1, 0, UInt64(Int64.max)] {
                #expect(throws: WireError.self) { try stranger.notify(number, "READY=1") }
                #expect(throws: WireError.self) { try stranger.end(number) }
            }
            // Replies that nobody has asked for are no requests, and nobody answers them.
            for id in ["1", "\"1\"", "null", "[]"] {
                stranger.client.send(frame: #"{"id":\#(id),"jsonrpc":"2.0","result":{}}"#)
                stranger.client.send(frame: #"{"id":\#(id),"jsonrpc":"2.0","error":{"code":-32601,"message":"no"}}"#)
            }
            #expect(throws: WireError.self) { try stranger.notify(attempt, "READY=1") }
            #expect(try xpmd.service("kernels").state == .starting)
            try host.notify(attempt, "READY=1")
            #expect(try xpmd.wait("kernels", for: .running).state == .running)
        }
    }

    @Test func partsOfACompositeMayBeHosted() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let run = try xpmd.open("lab")
            let host = try RawHost(xpmd.socket, of: run)
            let hosted = ServiceDefinition(run: .hosted)
            var after = hosted
            after.requires = ["lab/db"]
            _ = try host.ask(
                AddService(
                    to: run, id: "lab", definition: ServiceDefinition(run: .composite),
                    subServices: [.init(id: "db", definition: hosted), .init(id: "page", definition: after)]))
            try xpmd.begin("lab")
            let first = try host.request()
            #expect(first.params.id == "lab/db")
            host.client.send(frame: #"{"id":\#(1),"jsonrpc":"2.0","result":{}}"#)
            try host.notify(first.params.attempt, "READY=1")
            let page = try host.take(.start)
            try host.notify(page, "READY=1")
            #expect(try xpmd.wait("lab", for: .running).state == .running)
            try xpmd.call(StopService(ServiceReference(id: "lab")))
            #expect(try host.take(.stop) == page)
            try host.end(page)
            try host.end(try host.take(.stop))
            #expect(try xpmd.wait("lab", for: .ended).state == .stopped)
        }
    }

    @Test func endOfTheDaemonEndsThemToo() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let host = try RawHost(xpmd.socket, of: try xpmd.open("lab"))
            try host.add("kernels")
            try xpmd.begin("kernels")
            let attempt = try host.take(.start)
            try host.notify(attempt, "READY=1")
            try xpmd.wait("kernels", for: .running)
            #expect(try xpmd.call(StopDaemon()).stopping == 1)
            #expect(try host.take(.stop) == attempt)
            try host.end(attempt)
            _ = try xpmd.awaitEnd()
            try xpmd.launch()
            #expect(try xpmd.service("kernels").state == .stopped)
        }
    }
}
