import Glibc

/// How many of the descriptors that the process may have are for connections. The rest is a reserve for work: logs, the database, probes, the
/// keeper, the next program's start.
public struct DescriptorShare: Hashable, Sendable {
    /// The most connections that are served at a time, at least one.
    public let connections: Int
    /// How many more may be open for as long as it takes to tell their clients that they are refused.
    let refusals: Int

    /// The least and the most that is kept back, as long as that leaves a quarter for connections.
    private static let reserve = 64...4096

    /// The share of a process that may have `limit` descriptors: all but an eighth.
    public init(limit: Int) {
        let eighth = min(max(limit / 8, Self.reserve.lowerBound), Self.reserve.upperBound)
        let reserve = min(eighth, limit - limit / 4)
        connections = max(1, limit - reserve)
        refusals = min(16, reserve / 4)
    }

    /// That of this process now: anybody may change its limit at any time.
    static var current: DescriptorShare {
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        return DescriptorShare(limit: Int(clamping: limit.rlim_cur))
    }
}
