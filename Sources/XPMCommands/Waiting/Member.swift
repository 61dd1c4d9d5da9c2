import XPMProtocol

/// One of the services of a command: the name that was typed, by its place, and the service that is meant.
struct Member: Hashable {
    let index: Int
    var service: ServiceReference
    /// The revision of the reply to its stop: the wait for its end is over when it is started again after that.
    var since: Int64?

    /// The same once it is known which service that is.
    func found(_ record: ServiceRecord) -> Member { Member(index: index, service: ServiceReference(record.identity)) }
}
