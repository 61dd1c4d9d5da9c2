import XPMClient
import XPMProtocol

/// A service as its user has written it on the command line.
struct Addition {
    var owner: RunIdentity
    var id: String
    var description: String?
    var definition: ServiceDefinition
    /// Whether one that runs otherwise is restarted.
    var update = false

    /// Adds it. Where the same is there already it stays as it is, and people are told where it has other surroundings than these.
    func run(on session: Session) throws(WireError) -> AddService.Reply {
        Surroundings.noteUnreadable()
        let reply = try session.call(
            AddService(
                to: owner, id: id, description: description, definition: definition, update: update ? true : nil))
        if !reply.added, reply.service.state != .stopped, reply.service.state != .error,
            let known = try? session.call(GetService(ServiceReference(reply.service.identity))).definition,
            let note = Surroundings.note(known, beside: definition, command: Caller.command(with: "--update"))
        {
            StandardError.line(note)
        }
        return reply
    }
}
