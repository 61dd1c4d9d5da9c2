import ScriptedDaemon
import Synchronization
import Testing
import XPMClient
import XPMProtocol

struct ClientTests {
    private let tensorboard = ServiceReference(id: "tensorboard")

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
