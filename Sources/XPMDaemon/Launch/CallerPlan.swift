import XPMKeeping
import XPMProtocol

/// What a service gets of its caller, checked, in the keeper's terms.
struct CallerPlan: Hashable {
    var settings: SpawnExtras.Caller

    /// Processors that a kernel may have.
    private static let mostCPUs = 8192

    init(_ wish: CallerSettings) throws(WireError) {
        settings = SpawnExtras.Caller()
        settings.umask = try Self.within(wish.umask, 0, 0o777, "umask")
        settings.nice = try Self.within(wish.nice, -20, 19, "nice")
        settings.oomScore = try Self.within(wish.oomScore, -1000, 1000, "OOM score")
        if let cpus = wish.cpus { settings.cpus = try Self.processors(cpus) }
        for (name, limits) in (wish.rlimits ?? [:]).sorted(by: { $0.key < $1.key }) {
            guard let number = ResourceName.numbers[name] else {
                throw WireError(
                    .invalidParameters, "cannot use the caller's limit \(Name.quoted(name)): it is not known")
            }
            guard limits.count == 2, limits.allSatisfy({ $0 >= -1 }) else {
                throw WireError(
                    .invalidParameters,
                    "cannot use the caller's limit \(Name.quoted(name)): it takes a soft and a hard limit, -1 for none")
            }
            let (soft, hard) = (Self.limit(limits[0]), Self.limit(limits[1]))
            settings.limits.append(.init(resource: number, soft: min(soft, hard), hard: hard))
        }
    }

    private static func limit(_ value: Int64) -> UInt64 { value < 0 ? .max : UInt64(value) }

    private static func within(_ value: Int32?, _ least: Int32, _ most: Int32, _ thing: String) throws(WireError)
        -> Int32?
    {
        guard let value, !(least...most).contains(value) else { return value }
        throw WireError(
            .invalidParameters, "cannot use \(value) as the caller's \(thing): it must be \(least) to \(most)")
    }

    /// The list format of cpuset(7): `0-3,8`.
    private static func processors(_ list: String) throws(WireError) -> [UInt16] {
        var found: Set<UInt16> = []
        for range in list.split(separator: ",", omittingEmptySubsequences: false) {
            let ends = range.split(separator: "-", omittingEmptySubsequences: false).map { UInt16($0) }
            guard ends.count <= 2, let first = ends.first ?? nil, let last = ends.last ?? nil, first <= last,
                last < mostCPUs
            else {
                throw WireError(
                    .invalidParameters,
                    "cannot use the caller's processors \(Name.quoted(list)): they are numbers below \(mostCPUs), as in 0-3,8"
                )
            }
            found.formUnion(first...last)
        }
        return found.sorted()
    }

    /// What of it a service does not get from a keeper, for people.
    func unmet(by keeper: KeeperLimits) -> [String] {
        var notes: [String] = []
        if let nice = settings.nice, nice < keeper.nice, !keeper.mayRaisePriority(to: nice) {
            notes.append("runs with nice \(keeper.nice) instead of \(nice): xpmd runs with that and may not lower it")
        }
        if let score = settings.oomScore, score < keeper.oomScore, !keeper.mayRaiseLimits {
            notes.append(
                "runs with OOM score \(keeper.oomScore) instead of \(score): xpmd runs with that and may not lower it")
        }
        guard !keeper.mayRaiseLimits else { return notes }
        for wish in settings.limits {
            guard let hard = keeper.hardLimits[wish.resource], hard < wish.hard,
                let name = ResourceName.numbers.first(where: { $0.value == wish.resource })?.key
            else { continue }
            notes.append(
                "the hard limit \(name) is \(hard) instead of \(wish.hard == .max ? "unlimited" : "\(wish.hard)"): "
                    + "xpmd was started with that and may not raise it")
        }
        return notes
    }
}

/// What a keeper has, beyond which it cannot give.
struct KeeperLimits {
    var nice: Int32 = 0
    var oomScore: Int32 = 0
    var hardLimits: [UInt8: UInt64] = [:]
    /// CAP_SYS_NICE.
    var mayRaisePriority = false
    /// CAP_SYS_RESOURCE.
    var mayRaiseLimits = false

    /// RLIMIT_NICE goes from 20 - 19 to 20 + 20.
    func mayRaisePriority(to nice: Int32) -> Bool {
        mayRaisePriority || Int64(clamping: hardLimits[13] ?? 0) >= Int64(20 - nice)
    }
}
