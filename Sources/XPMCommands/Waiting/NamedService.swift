import XPMClient
import XPMProtocol

/// What a word of a command line means: a name one service, which the daemon finds, and a pattern all that match it.
struct NamedService {
    /// As it was typed, or of a pattern the full name of a service.
    var text: String
    /// The service, where it is known already.
    var service: ServiceReference?
    /// Why there is none.
    var fault: WireError?

    /// The services that `words` mean. A service that has such a name, stars and all, is meant before any that match.
    static func all(_ words: [String], _ naming: NamingOptions, _ connection: Connection) throws(WireError)
        -> [NamedService]
    {
        guard words.contains(where: ServicePattern.isPattern) else {
            var seen: Set<String> = []
            return words.filter { seen.insert($0).inserted }.map { NamedService(text: $0) }
        }
        let catalogue = try Catalogue.read(connection)
        let scope = try Scope(naming, connection)
        var all: [NamedService] = []
        for word in words {
            let literal = try? ServiceReference(parsing: word)
            if !ServicePattern.isPattern(word)
                || catalogue.services.contains(where: { literal?.matches($0.identity) == true })
            {
                // Which one it is, where that is plain, so that a pattern does not mean it once more.
                let meant = literal.map { scope.plain($0, in: catalogue) } ?? nil
                let isRepeated = all.contains { $0.text == word || meant != nil && $0.service == meant }
                if !isRepeated { all.append(NamedService(text: word, service: meant)) }
                continue
            }
            let pattern = ServicePattern(text: word)
            let matching = catalogue.services.filter {
                pattern.matches($0.identity) && (pattern.namesRun || catalogue.newest.contains($0.identity.run))
            }
            let found = pattern.namesExperiment ? scope.anywhere(matching) : scope.here(matching)
            if found.isEmpty {
                let cause =
                    "cannot find a service that matches \(Name.quoted(word))"
                    + (pattern.namesExperiment ? "" : " in \(scope.folder)")
                all.append(
                    NamedService(text: word, fault: WireError(.notFound, cause, data: ["pattern": .string(word)])))
            }
            let folders = Set(found.map(\.identity.run.workspace))
            if folders.count > 1 {
                StandardError.line(
                    "note: \(Name.quoted(word)) matches \(found.count) services in \(folders.count) folders")
            }
            let known = Set(all.compactMap(\.service))
            all += found.map { NamedService($0.identity) }.filter { $0.service.map { !known.contains($0) } ?? true }
        }
        return all
    }

    /// All of this folder, or of that of `--workspace`, that are not stopped; parts go with their service.
    static func live(_ naming: NamingOptions, _ connection: Connection) throws(WireError) -> [NamedService] {
        let live = try Catalogue.read(connection).services.filter {
            $0.state != .stopped && $0.identity.parent == nil
        }
        return try Scope(naming, connection).here(live).map { NamedService($0.identity) }
    }
}

extension NamedService {
    init(_ identity: ServiceIdentity) { self.init(text: identity.fullName, service: ServiceReference(identity)) }
}

/// Where services are meant whose experiment is not named.
private struct Scope {
    /// The folder of `--workspace`, or the current one.
    let folder: String
    private let isGiven: Bool

    init(_ naming: NamingOptions, _ connection: Connection) throws(WireError) {
        isGiven = naming.workspace != nil
        if let workspace = naming.workspace {
            folder = try NamingOptions.folder(workspace, on: connection)
        } else {
            folder = Caller.nearestFolder
        }
    }

    /// The only service that a name can mean here.
    func plain(_ name: ServiceReference, in catalogue: Catalogue) -> ServiceReference? {
        let matching = catalogue.services.filter {
            name.matches($0.identity) && (name.run != nil || catalogue.newest.contains($0.identity.run))
        }
        let found = name.experiment == nil ? here(matching) : anywhere(matching)
        return found.count == 1 ? found.first.map { ServiceReference($0.identity) } : nil
    }

    func anywhere(_ services: [ServiceRecord]) -> [ServiceRecord] { isGiven ? here(services) : services }

    /// Those of the folder; or of the nearest one around it that has any.
    func here(_ services: [ServiceRecord]) -> [ServiceRecord] {
        guard !isGiven else { return services.filter { $0.identity.run.workspace == folder } }
        let homes = Caller.homes
        let around = services.filter { WorkspacePath.holds($0.identity.run.workspace, folder, homes: homes) }
        let depth = { (service: ServiceRecord) in WorkspacePath.depth(of: folder, below: service.identity.run.workspace)
        }
        let nearest = around.compactMap(depth).min()
        return around.filter { depth($0) == nearest }
    }
}
