import XPMProtocol

/// The services whose records are to be asked for, each once, in the order in which that was found.
struct Wanted: Sendable {
    /// The revision that a record must have so that it need not be asked for.
    private var revisions: [ServiceIdentity: Int64] = [:]
    private var queue: [ServiceIdentity] = []
    private var first = 0

    /// How many are to be asked for.
    var count: Int { revisions.count }

    /// A record with `revision` is wanted; nil for one that is asked for from now on, whatever its revision.
    mutating func insert(_ service: ServiceIdentity, revision: Int64?) {
        let needed = revision ?? .max
        if let known = revisions[service] {
            revisions[service] = max(known, needed)
        } else {
            revisions[service] = needed
            queue.append(service)
        }
    }

    /// The next one; those for which `isKnown` holds with the revision are left out.
    mutating func next(isKnown: (ServiceIdentity, Int64) -> Bool) -> ServiceIdentity? {
        while first < queue.count {
            let service = queue[first]
            first += 1
            if first == queue.count {
                queue.removeAll(keepingCapacity: true)
                first = 0
            } else if first > queue.count / 2, first > 64 {
                queue.removeSubrange(..<first)
                first = 0
            }
            if let needed = revisions.removeValue(forKey: service), !isKnown(service, needed) { return service }
        }
        return nil
    }
}
