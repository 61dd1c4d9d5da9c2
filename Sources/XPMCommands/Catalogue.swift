import XPMClient
import XPMProtocol

/// All services with what is needed to name them.
struct Catalogue {
    /// In the order in which they were added.
    var services: [ServiceRecord]
    /// The newest run with services of each experiment.
    var newest: Set<RunIdentity>
    /// How many strays xpmd tells of.
    var strays: Int?

    /// As they are typed in the caller's folder.
    var names: ShortNames {
        ShortNames(services.map(\.identity), newest: newest, in: (Caller.nearestFolder, Caller.homes))
    }

    /// All of it; with `usage` the records tell what services use, which has to be measured.
    static func read(_ connection: Connection, usage: Bool = false) throws(WireError) -> Catalogue {
        var services: [ServiceRecord] = []
        var cursor: Int64?
        var strays: Int?
        repeat {
            let page = try connection.call(ListServices(cursor: cursor, usage: usage ? true : nil))
            services += page.services
            (cursor, strays) = (page.next, page.strays)
        } while cursor != nil
        return Catalogue(
            services: services, newest: try newest(connection.call(ListExperiments()).experiments), strays: strays)
    }

    /// Of a list with the newest run last, the last run with services of each experiment of each workspace.
    static func newest(_ experiments: [ExperimentRecord]) -> Set<RunIdentity> {
        var newest: [RunIdentity: RunIdentity] = [:]
        for experiment in experiments where experiment.services > 0 {
            var key = experiment.identity
            key.run = ""
            newest[key] = experiment.identity
        }
        return Set(newest.values)
    }
}
