import ScriptedDaemon
import Synchronization
import Testing
import XPMClient
import XPMProtocol

struct ClientTests {
    private let tensorboard = ServiceReference(id: "tensorboard")

    @Test func definitionSaysWhatItsCallerHas() async throws {
        try await Fixture.with({ _ in [.reply(AddService.Reply(service: Samples.service(), added: true))] }) {
            (fixture: Fixture) async throws in
            let (client, run) = (fixture.client, Samples.run)
            let kinds: [Run] = [
                .command(["x"]), .template("t", parameters: [:]), .recreate(Recreation(python: "/p")), .composite,
                .hosted,
            ]
            for kind in kinds { try await client.add(to: run, id: "s", definition: ServiceDefinition(run: kind)) }
            let own = CallerSettings(umask: 0o77)
            try await client.add(to: run, id: "s", definition: ServiceDefinition(run: .command(["x"]), caller: own))
            let part = AddService.SubService(id: "p", definition: ServiceDefinition(run: .command(["x"])))
            try await client.add(to: run, id: "s", definition: ServiceDefinition(run: .composite), subServices: [part])
            let asked = try fixture.daemon.calls.map { try $0.parameters(AddService.self) }
            let here = CallerSettings.ofThisProcess
            #expect(here.umask != nil && here.rlimits?["nofile"] != nil)
            #expect(asked.map(\.definition.caller) == [here, here, here, nil, nil, own, nil])
            #expect(asked.last?.subServices?.first?.definition.caller == here)
        }
    }

    @Test func shortNameIsSeenFromThisFolder() async throws {
        try await Fixture.with({ call in
            switch call.method {
            case "service.get":
                [.reply(GetService.Reply(service: Samples.service(), definition: ServiceDefinition(run: .composite)))]
            case "service.logs": [.reply(ServiceLogs.Piece(text: "", next: 0, path: "/l"))]
            default: [.reply(Samples.service())]
            }
        }) { (fixture: Fixture) async throws in
            let (client, short) = (fixture.client, ServiceReference(id: "tensorboard"))
            _ = try await client.start(short)
            _ = try await client.stop(short)
            _ = try await client.signal(short, "HUP")
            _ = try await client.remove(short)
            _ = try await client.wait(short)
            _ = try await client.status(short)
            _ = try await client.logs(short, stream: .stdout)
            let elsewhere = ServiceReference(id: "tensorboard", near: "/elsewhere")
            _ = try await client.start(elsewhere)
            let full = ServiceReference(ServiceIdentity(run: Samples.run, id: "tensorboard"))
            _ = try await client.start(full)
            struct Named: Decodable { var service: ServiceReference }
            let named = try fixture.daemon.calls.map {
                try Wire.decode(Named.self, from: Wire.encode($0.params)).service
            }
            let (here, near) = (
                try CurrentFolder.path, ServiceReference(id: "tensorboard", near: try CurrentFolder.path)
            )
            let ours = ServiceReference(id: "tensorboard", near: here, here: true)
            #expect(named == [ours, ours, ours, ours, ours, near, near, elsewhere, full])
        }
    }

    @Test func manyCallsShareAFewConnections() async throws {
        try await Fixture.with({ call in
            let id = (try? call.parameters(GetService.self).service.id) ?? "?"
            return [
                .reply(GetService.Reply(service: Samples.service(id), definition: ServiceDefinition(run: .composite)))
            ]
        }) { (fixture: Fixture) async throws in
            let client = fixture.client
            try await withThrowingTaskGroup(of: Bool.self) { group in
                for number in 0..<200 {
                    group.addTask {
                        try await client.status(ServiceReference(id: "s\(number)")).service.identity.id == "s\(number)"
                    }
                }
                for try await isRight in group { #expect(isRight) }
            }
            #expect((1...4).contains(fixture.daemon.connections))
        }
    }

    @Test func waitsDoNotHoldUpOtherCalls() async throws {
        try await Fixture.with({ call in call.method == "service.wait" ? [] : [.reply(Samples.service())] }) {
            (fixture: Fixture) async throws in
            let client = fixture.client
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<20 { group.addTask { _ = try await client.wait(ServiceReference(id: "tensorboard")) } }
                try await fixture.daemon.waitForCalls("20 waits") { $0.count { $0.method == "service.wait" } == 20 }
                let record = try await within(what: "a start beside the waits") {
                    try await client.start(ServiceReference(id: "tensorboard"))
                }
                #expect(record == Samples.service())
                group.cancelAll()
                while let result = await group.nextResult() {
                    #expect(throws: CancellationError.self) { try result.get() }
                }
            }
        }
    }

    @Test func cancellingEndsAWaitAndItsConnection() async throws {
        try await Fixture.with({ _ in [] }) { (fixture: Fixture) async throws in
            let client = fixture.client
            let wait = Task { try await client.wait(ServiceReference(id: "tensorboard")) }
            try await fixture.daemon.waitForCalls("the wait") { $0.count == 1 }
            wait.cancel()
            let result = try await within(what: "the cancelled wait") { await wait.result }
            #expect(throws: CancellationError.self) { try result.get() }
            try await fixture.daemon.wait("the end of the wait's connection") { $0.openConnections == 0 }
        }
    }

    @Test func aCallThatWasCancelledBeforeItBeganIsNotMade() async throws {
        try await Fixture.with({ _ in [.reply(Samples.service())] }) { (fixture: Fixture) async throws in
            let client = fixture.client
            let call = Task {
                while !Task.isCancelled { await Task.yield() }
                return try await client.start(ServiceReference(id: "tensorboard"))
            }
            call.cancel()
            let result = await call.result
            #expect(throws: CancellationError.self) { try result.get() }
            #expect(fixture.daemon.calls.isEmpty)
        }
    }

    @Test func aConnectionThatDiedUnusedIsMadeAgain() async throws {
        try await Fixture.with({ call in
            call.connection == 1 ? [.reply(Samples.service()), .drop] : [.reply(Samples.service())]
        }) { (fixture: Fixture) async throws in
            let client = fixture.client
            _ = try await client.start(tensorboard)
            try await fixture.daemon.wait("the end of the first connection") { $0.openConnections == 0 }
            _ = try await client.start(tensorboard)
            #expect(fixture.daemon.connections == 2)
        }
    }

    @Test func listFollowsItsPages() async throws {
        try await Fixture.with({ call in
            switch try? call.parameters(ListServices.self).cursor {
            case nil: [.reply(ListServices.Reply(services: [Samples.service("a"), Samples.service("b")], next: 2))]
            case 2: [.reply(ListServices.Reply(services: [Samples.service("c")], next: 3))]
            default: [.reply(ListServices.Reply(services: []))]
            }
        }) { (fixture: Fixture) async throws in
            let services = try await fixture.client.list()
            #expect(services.map(\.identity.id) == ["a", "b", "c"])
        }
    }

    @Test func withoutADaemonItIsUnreachable() async throws {
        let scratch = try ScratchFolder()
        defer { scratch.remove() }
        let client = Client(
            places: try Places(environment: ["XPMD_RUNTIME_DIR": scratch.path], user: 0), autostart: nil)
        await #expect { try await client.daemonStatus() } throws: { ($0 as? WireError)?.code == .unreachable }
    }
}
