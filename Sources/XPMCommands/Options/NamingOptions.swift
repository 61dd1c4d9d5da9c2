import ArgumentParser
import XPMClient
import XPMProtocol

/// Which service a name means.
struct NamingOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("Workspace of the service (default: the current folder).", valueName: "folder"),
        completion: .directory, transform: { try LocalPath.checked($0) })
    var workspace: String?

    /// One that is changed, or that programs go on with: a short name means a service of this folder, never another one's.
    func reference(_ name: String, on connection: Connection) throws(WireError) -> ServiceReference {
        var reference = try lookup(name, on: connection)
        if workspace == nil { reference.here = true }
        return reference
    }

    /// One that people look at: a short name that fits nothing here means the only service elsewhere. See `noteElsewhere`.
    func lookup(_ name: String, on connection: Connection) throws(WireError) -> ServiceReference {
        guard let workspace else { return try ServiceReference(parsing: name, near: Caller.nearestFolder) }
        var reference = try ServiceReference(parsing: name)
        reference.workspace = try Self.folder(workspace, on: connection)
        return reference
    }

    /// Tells that a name was taken for a service of another folder.
    func noteElsewhere(_ service: ServiceRecord, named name: String) {
        let owner = service.identity.run.workspace
        guard workspace == nil, !name.contains(":"),
            !WorkspacePath.holds(owner, Caller.nearestFolder, homes: Caller.homes)
        else { return }
        StandardError.line("note: this folder has no such service; this is \(service.identity.fullName) in \(owner)")
    }

    /// The workspace as the daemon knows it: mostly by its path without symbolic links, and by the given one where a program
    /// has opened it so.
    static func folder(_ path: String, on connection: Connection) throws(WireError) -> String {
        let (real, given) = (Caller.workspace(path), Caller.absolute(path))
        guard real != given else { return real }
        let isKnown = try !connection.call(ListExperiments(workspace: given)).experiments.isEmpty
        return isKnown ? given : real
    }
}
