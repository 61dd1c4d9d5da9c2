import Glibc
import ScriptedDaemon
import Synchronization
import Testing
import XPMProtocol

@testable import XPMClient

/// A mirror and who reads it, as a view does: it waits for the descriptor and for nothing else.
final class MirrorWatch: Sendable {
    let mirror: ServiceMirror
    private let reader = Mutex(MirrorReader())
    /// All that was told.
    private let told = Mutex<[MirrorChange]>([])

    init(_ mirror: ServiceMirror) { self.mirror = mirror }

    /// A mirror of the xpmd of a socket, which comes back at once.
    convenience init(socket: String, _ selection: MirrorSelection = .everything) throws {
        self.init(
            try ServiceMirror(selection: selection, backoff: Backoff(shortest: .milliseconds(1))) {
                () throws(WireError) in try Connection(socket: socket, client: "test")
            })
    }

    /// Reads until the model is as wished.
    @discardableResult
    func wait(
        _ what: String, until isEnough: @escaping @Sendable (MirrorModel) -> Bool
    ) async throws -> MirrorModel {
        try await within(what: what) { [self] in
            try await Job<MirrorModel>().value { job in
                Thread.start { job.finish(Result { try self.read(until: isEnough) }) }
            }
        }
    }

    private func read(until isEnough: (MirrorModel) -> Bool) throws -> MirrorModel {
        while true {
            let model = try reader.withLock { reader in
                let changes = mirror.changes()
                told.withLock { $0 += changes }
                try reader.take(changes)
                return reader.model
            }
            if isEnough(model) { return model }
            var waited = pollfd(fd: mirror.descriptor, events: Int16(POLLIN), revents: 0)
            poll(&waited, 1, -1)
        }
    }

    /// What was told since this was asked last.
    func takeTold() -> [MirrorChange] {
        told.withLock { told in
            defer { told = [] }
            return told
        }
    }

    /// Whether the descriptor can be read now.
    var isReadable: Bool {
        var waited = pollfd(fd: mirror.descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&waited, 1, 0) == 1
    }
}

/// A world behind a scripted daemon.
final class WorldDaemon: Sendable {
    private let state = Mutex<(world: ModelWorld, sequence: Int64)>((ModelWorld(), 0))
    private let pageSize: Int
    /// Whether services are listed by their names, as all do since 0.2.0.
    private let knowsNames: Bool

    init(pageSize: Int = 1000, knowsNames: Bool = true, _ body: (inout ModelWorld) -> Void) {
        self.pageSize = pageSize
        self.knowsNames = knowsNames
        _ = happen(body)
    }

    var world: ModelWorld { state.withLock(\.world) }

    /// Does something, and gives the events of it, which nobody has got yet.
    func happen(_ body: (inout ModelWorld) -> Void) -> [EventRecord] {
        state.withLock { state in
            body(&state.world)
            defer { state.world.events = [] }
            return state.world.events.map { event in
                state.sequence += 1
                var event = event
                event.sequence = state.sequence
                return event
            }
        }
    }

    /// Answers a call as things are now.
    func answer(_ call: ScriptedDaemon.Call) -> [ScriptedDaemon.Action] {
        let (world, sequence) = state.withLock { ($0.world, $0.sequence) }
        do {
            switch call.method {
            case SubscribeEvents.name: return [.reply(SubscribeEvents.Reply(last: sequence))]
            case ListServices.name:
                let request = try call.parameters(ListServices.self)
                guard let named = request.services, knowsNames else {
                    return [.reply(world.page(from: request.cursor, size: pageSize))]
                }
                let found = world.services.keys.filter { service in named.contains { $0.matches(service) } }
                return [.reply(ListServices.Reply(services: found.compactMap { world.record($0) }))]
            case ListExperiments.name:
                let request = try call.parameters(ListExperiments.self)
                return [.reply(ListExperiments.Reply(experiments: world.experiments(of: request.experiment)))]
            case GetService.name:
                let named = try call.parameters(MirroredRecord.self).service
                guard let found = world.services.keys.first(where: { named.matches($0) }),
                    let record = world.record(found)
                else { return [.refuse(WireError(.notFound, "cannot find it"))] }
                return [.reply(MirroredRecord.Reply(service: record, definition: nil))]
            default: return [.drop]
            }
        } catch { return [.drop] }
    }
}
