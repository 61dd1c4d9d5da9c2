import XPMProtocol

@testable import XPMControl

/// What the handlers of a sample table have been asked.
final class Calls {
    var methods: [String] = [] { didSet { called?(methods.count) } }
    /// Told of each call, with how many there have been.
    var called: ((Int) -> Void)?
    var held: [Responder] = []
}

extension HandlerTable<Calls> {
    /// Handlers that answer at once, refuse, fail, or keep the responder for later.
    static var sample: HandlerTable<Calls> {
        var table = HandlerTable()
        table.on(Hello.self) { hello, calls, responder in
            calls.methods.append(Hello.name)
            guard hello.client != "stranger" else {
                throw WireError(.versionMismatch, "cannot speak any of the client's versions")
            }
            responder.reply(Empty())
        }
        table.on(ListTemplates.self) { _, calls, responder in
            calls.methods.append(ListTemplates.name)
            responder.reply(ListTemplates.Reply(templates: []))
        }
        table.on(GetService.self) { _, calls, _ in
            calls.methods.append(GetService.name)
            throw WireError(.notFound, "cannot find it")
        }
        table.on(WaitService.self) { _, calls, responder in calls.held.append(responder) }
        table.on(StopDaemon.self) { _, _, _ in throw OutOfOrder() }
        table.on(OpenExperiment.self) { _, calls, responder in
            calls.methods.append(OpenExperiment.name)
            responder.reply(Empty())
        }
        table.on(SubscribeEvents.self) { request, _, responder in
            responder.reply(Empty())
            responder.connection.subscribe(after: request.since ?? 0)
        }
        return table
    }

    struct OutOfOrder: Error {}
}
