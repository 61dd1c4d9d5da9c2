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
        let reply: AddService.Reply
        do {
            reply = try session.call(
                AddService(
                    to: owner, id: id, description: description, definition: definition, update: update ? true : nil))
        } catch {
            throw refusal(error)
        }
        if !reply.added, reply.service.state != .stopped, reply.service.state != .error,
            let known = try? session.call(GetService(ServiceReference(reply.service.identity))).definition,
            let note = Surroundings.note(known, beside: definition, command: Caller.command(with: "--update"))
        {
            StandardError.line(note)
        }
        return reply
    }

    /// The same error, about this service.
    func refusal(_ error: WireError) -> WireError {
        var error = error
        if error.code == .frameTooLarge, case .integer(let length)? = error.data["length"],
            case .integer(let limit)? = error.data["limit"]
        {
            error = WireError(
                .invalidParameters,
                "cannot add \(Name.quoted(id)): its command and environment have \(length) bytes, xpmd accepts \(limit)",
                data: error.data.merging(["definition": .string(id)]) { $1 })
        }
        return error.about(ServiceIdentity(run: owner, id: id).fullName)
    }
}
