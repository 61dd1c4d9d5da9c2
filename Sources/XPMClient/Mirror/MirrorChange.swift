import XPMProtocol

/// How a mirror and xpmd stand.
public enum MirrorConnection: Hashable, Sendable {
    /// Nothing is known yet: the first list is still to come.
    case connecting
    /// What the mirror shows is what xpmd says, but for what is on its way.
    case live
    /// What the mirror shows is of an earlier time, and why, a sentence. It comes back by itself.
    case reconnecting(reason: String)
}

/// One service as a mirror shows it. A new value takes the place of this one when the service changes.
public final class MirroredService: Sendable, Equatable {
    /// Its record.
    public let record: ServiceRecord
    /// Its place: those of one run, sorted by it, are in the order of their addition. Never negative, and not dense.
    public let place: Int64

    /// A service at a place.
    public init(_ record: ServiceRecord, place: Int64) {
        self.record = record
        self.place = place
    }

    /// Which service.
    public var identity: ServiceIdentity { record.identity }

    public static func == (one: MirroredService, other: MirroredService) -> Bool {
        one === other || one.place == other.place && one.record == other.record
    }
}

/// One run as a mirror shows it.
public struct MirroredRun: Hashable, Sendable {
    /// Its record; `services` counts those that the mirror shows.
    public var record: ExperimentRecord
    /// Its place: the runs of one experiment, sorted by it, are in the order in which they began.
    public var place: Int64

    /// A run at a place.
    public init(_ record: ExperimentRecord, place: Int64) {
        self.record = record
        self.place = place
    }
}

/// What has become of a mirror.
///
/// Changes come in batches; within a batch first the runs that are new or changed, then the services that are gone, those that are new or
/// changed, the runs that are gone, and the connection. What changed more than once is in a batch once, as it was at last.
public enum MirrorChange: Hashable, Sendable {
    case runAdded(MirroredRun)
    case runChanged(MirroredRun)
    case runRemoved(RunIdentity)
    case serviceAdded(MirroredService)
    case serviceChanged(MirroredService)
    case serviceRemoved(ServiceIdentity)
    case connectionChanged(MirrorConnection)
}

extension MirroredService: Hashable {
    public func hash(into hasher: inout Hasher) {
        hasher.combine(record.identity)
        hasher.combine(place)
    }
}
