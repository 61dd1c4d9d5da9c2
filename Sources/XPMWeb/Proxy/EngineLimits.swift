import Glibc
import XPMHTTP

/// How much a client or a backend may take, and how long.
struct EngineLimits {
    /// Connections of clients at a time. Each may have one to a backend, too.
    var clients = Self.clientsForDescriptors()
    var heads = HeadLimits()
    /// Clients in the middle of a head, which is kept until then: beyond that the oldest one is closed.
    var heading = 256
    /// From the first byte of a request to the end of its head.
    var head = Nanoseconds.seconds(15)
    /// Without a request.
    var idle = Nanoseconds.seconds(75)
    /// Between two pieces of a request's content that is waited for.
    var content = Nanoseconds.seconds(60)
    /// While a client reads nothing of what waits for it.
    var stall = Nanoseconds.seconds(600)
    /// While nothing is sent to a client that has ended its side: it may have gone, as a closed tab has.
    var halfClosed = Nanoseconds.seconds(30)
    /// The same of upgraded connections, of either side.
    var halfClosedTunnel = Nanoseconds.seconds(600)
    /// To connect to a backend.
    var connect = Nanoseconds.seconds(10)
    /// From a request to the head of its response.
    var response = Nanoseconds.seconds(600)
    /// A connection to a backend that is not in use. Less than the 5 s of many servers, which close theirs then.
    var pooled = Nanoseconds.seconds(4)
    /// How many of these there are for each key, and in all.
    var pooledPerKey = 32
    var pooledInAll = 512
    /// Content of a request that nobody wants, before its connection is closed instead; and the time for it.
    var dropped: UInt64 = 256 << 10
    var lingering = Nanoseconds.seconds(5)
    /// Interim responses to one request.
    var interim = 32

    /// As many as there are descriptors for, with some left for others.
    private static func clientsForDescriptors() -> Int {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 256 }
        return min(max((Int(clamping: limit.rlim_cur) - 128) / 2, 16), 16384)
    }
}
