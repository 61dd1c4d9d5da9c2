import ScriptedDaemon
import Testing
import XPMProtocol

@testable import XPMClient

/// The mirror against a daemon whose answers are written here.
struct ServiceMirrorTests {
    private static let run = Samples.run
    private static func service(_ id: String) -> ServiceIdentity { ServiceIdentity(run: run, id: id) }

    private static func with(
        _ world: WorldDaemon, _ body: (WorldDaemon, MirrorWatch, Fixture) async throws -> Void
    ) async throws {
        try await Fixture.with({ world.answer($0) }) { (fixture: Fixture) async throws in
            let watch = try MirrorWatch(socket: fixture.places.socket)
            defer { watch.mirror.close() }
            try await watch.wait("the first list") { $0.connection == .live }
            try await body(world, watch, fixture)
        }
    }

    private static func twoServices() -> WorldDaemon {
        WorldDaemon { world in
            world.open(run)
            world.add(service("one"), revision: 1)
            world.add(service("two"), revision: 2)
        }
    }

    @Test func everythingIsToldAndThenThatItIsLive() async throws {
        try await Self.with(Self.twoServices()) { world, watch, _ in
            let told = watch.takeTold()
            #expect(told.last == .connectionChanged(.live))
            let model = try await watch.wait("both") { $0.serviceCount == 2 }
            #expect(model.services(of: Self.run).map(\.record) == world.world.list)
            #expect(model.run(Self.run)?.record == world.world.experiments(of: nil).first)
            #expect(!watch.isReadable)
        }
    }

    @Test func aListComesInPages() async throws {
        let many = WorldDaemon(pageSize: 3) { world in
            world.open(Self.run)
            for number in 0..<20 { world.add(Self.service("s\(number)"), revision: Int64(number)) }
        }
        try await Self.with(many) { world, watch, fixture in
            let model = try await watch.wait("all") { $0.serviceCount == 20 }
            #expect(model.services(of: Self.run).map(\.record) == world.world.list)
            #expect(fixture.daemon.calls.count { $0.method == ListServices.name } == 7)
        }
    }

    @Test func anEventIsFollowedByTheWholeRecord() async throws {
        try await Self.with(Self.twoServices()) { world, watch, fixture in
            for event in world.happen({ $0.change(Self.service("one"), to: .running, revision: 3) }) {
                fixture.daemon.send(event)
            }
            let record = world.world.record(Self.service("one"))
            try await watch.wait("the record") { $0[Self.service("one")]?.record == record }
            #expect(record?.starts == 3)
        }
    }

    @Test func recordsAreAskedForByTheirNamesWithoutDefinitions() async throws {
        try await Self.with(Self.twoServices()) { world, watch, fixture in
            for event in world.happen({
                $0.change(Self.service("one"), to: .running, revision: 3)
                $0.change(Self.service("two"), to: .error, revision: 4)
            }) { fixture.daemon.send(event) }
            let records = world.world.list
            try await watch.wait("the records") { $0.services(of: Self.run).map(\.record) == records }
            #expect(fixture.daemon.calls.allSatisfy { $0.method != GetService.name })
        }
    }

    /// It lists all services whatever was asked for: that is not taken for an answer.
    @Test func anOlderDaemonIsAskedForEachService() async throws {
        let older = WorldDaemon(pageSize: 1, knowsNames: false) { world in
            world.open(Self.run)
            for number in 0..<3 { world.add(Self.service("s\(number)"), revision: Int64(number)) }
        }
        try await Self.with(older) { world, watch, fixture in
            for event in world.happen({ $0.change(Self.service("s2"), to: .running, revision: 3) }) {
                fixture.daemon.send(event)
            }
            let records = world.world.list
            let model = try await watch.wait("the record") { $0[Self.service("s2")]?.record == records.last }
            #expect(model.serviceCount == 3)
            #expect(fixture.daemon.calls.contains { $0.method == GetService.name })
        }
    }

    @Test func servicesComeAndGo() async throws {
        try await Self.with(Self.twoServices()) { world, watch, fixture in
            _ = watch.takeTold()
            let events = world.happen { world in
                world.add(Self.service("three"), revision: 3)
                world.remove(Self.service("one"))
            }
            for event in events { fixture.daemon.send(event) }
            let model = try await watch.wait("the third one") {
                $0[Self.service("three")] != nil && $0[Self.service("one")] == nil
            }
            #expect(model.services(of: Self.run).map(\.record.identity.id) == ["two", "three"])
            #expect(watch.takeTold().contains(.serviceRemoved(Self.service("one"))))
        }
    }

    @Test func whatHappenedWhileTheConnectionWasLostIsTold() async throws {
        try await Self.with(Self.twoServices()) { world, watch, fixture in
            _ = watch.takeTold()
            _ = world.happen { world in
                world.remove(Self.service("one"))
                world.change(Self.service("two"), to: .error, revision: 4)
                world.add(Self.service("three"), revision: 5)
            }
            fixture.daemon.dropClients()
            try await watch.wait("the loss") { $0[Self.service("three")] != nil && $0.connection == .live }
            let told = watch.takeTold()
            #expect(told.contains(.serviceRemoved(Self.service("one"))))
            #expect(
                told.contains { if case .serviceChanged(let two) = $0 { two.record.state == .error } else { false } })
        }
    }

    @Test func anotherDaemonTakesThePlaceOfTheFirst() async throws {
        let scratch = try ScratchFolder()
        defer { scratch.remove() }
        let (socket, old) = (scratch("xpmd.sock"), Self.twoServices())
        let new = WorldDaemon { world in
            world.open(Self.run)
            world.add(Self.service("two"), revision: 1, description: "another one")
        }
        let first = try ScriptedDaemon(socket: socket) { old.answer($0) }
        let watch = try MirrorWatch(socket: socket)
        defer { watch.mirror.close() }
        try await watch.wait("the first one") { $0.connection == .live }
        first.stop()
        try await watch.wait("the loss") { if case .reconnecting = $0.connection { true } else { false } }
        let second = try ScriptedDaemon(socket: socket, instance: "i2") { new.answer($0) }
        defer { second.stop() }
        let model = try await watch.wait("the second one") { $0.connection == .live }
        #expect(model.services.map(\.record) == new.world.list)
    }

    @Test func whereNobodyAnswersItSaysWhyAndWaits() async throws {
        let scratch = try ScratchFolder()
        defer { scratch.remove() }
        let (socket, world) = (scratch("xpmd.sock"), Self.twoServices())
        let watch = try MirrorWatch(socket: socket)
        defer { watch.mirror.close() }
        let model = try await watch.wait("the failure") { $0.connection != .connecting }
        guard case .reconnecting(let reason) = model.connection else { return #expect(Bool(false)) }
        #expect(reason.hasPrefix("cannot reach xpmd"))
        let daemon = try ScriptedDaemon(socket: socket) { world.answer($0) }
        defer { daemon.stop() }
        try await watch.wait("the daemon") { $0.connection == .live && $0.serviceCount == 2 }
    }

    @Test func afterLostEventsEverythingIsListedAgain() async throws {
        try await Self.with(Self.twoServices()) { world, watch, fixture in
            let lost = world.happen { $0.remove(Self.service("one")) }
            var gap = EventRecord(sequence: lost[0].sequence, at: Samples.moment, kind: .gap)
            (gap.from, gap.to) = (gap.sequence, gap.sequence)
            fixture.daemon.send(gap)
            try await watch.wait("the new list") { $0.serviceCount == 1 && $0.connection == .live }
        }
    }

    @Test func aSelectionIsAskedForAndEventsOfOthersCountForNothing() async throws {
        let world = Self.twoServices()
        try await Fixture.with({ world.answer($0) }) { (fixture: Fixture) async throws in
            let watch = try MirrorWatch(
                socket: fixture.places.socket,
                MirrorSelection(workspace: "/ws/", experiment: Self.run.experiment, run: Self.run.run))
            defer { watch.mirror.close() }
            try await watch.wait("the first list") { $0.connection == .live }
            let other = RunIdentity(workspace: "/ws", experiment: Self.run.experiment, run: "other")
            let events = world.happen { world in
                world.open(other)
                world.add(ServiceIdentity(run: other, id: "one"), revision: 9)
                world.add(Self.service("three"), revision: 10)
            }
            for event in events { fixture.daemon.send(event) }
            let model = try await watch.wait("the third one") { $0[Self.service("three")] != nil }
            #expect(model.serviceCount == 3 && model.runs(of: other.owner).count == 1)
            let list = try #require(fixture.daemon.calls.first { $0.method == ListServices.name })
            let asked = try list.parameters(ListServices.self)
            #expect(asked.workspace == "/ws" && asked.experiment == Self.run.experiment && asked.run == Self.run.run)
        }
    }

    @Test func aRefusalEndsTheConnectionAndTheNextOneListsAgain() async throws {
        let world = Self.twoServices()
        try await Fixture.with({ call in
            call.connection == 1 && call.method == ListServices.name
                ? [.refuse(WireError(.shuttingDown, "cannot take this request: xpmd is being stopped"))]
                : world.answer(call)
        }) { (fixture: Fixture) async throws in
            let watch = try MirrorWatch(socket: fixture.places.socket)
            defer { watch.mirror.close() }
            try await watch.wait("the second connection") { $0.connection == .live }
            #expect(fixture.daemon.connections == 2)
        }
    }

    @Test func closingItEndsItsConnection() async throws {
        try await Self.with(Self.twoServices()) { _, watch, fixture in
            watch.mirror.close()
            try await fixture.daemon.wait("the end of the connection") { $0.openConnections == 0 }
        }
    }

    @Test func lettingItGoEndsItsConnection() async throws {
        let world = Self.twoServices()
        try await Fixture.with({ world.answer($0) }) { (fixture: Fixture) async throws in
            var mirror: ServiceMirror? = try ServiceMirror(places: fixture.places)
            try await fixture.daemon.waitForCalls("the list") { $0.contains { $0.method == ListServices.name } }
            #expect(mirror != nil)
            mirror = nil
            try await fixture.daemon.wait("the end of the connection") { $0.openConnections == 0 }
        }
    }
}
