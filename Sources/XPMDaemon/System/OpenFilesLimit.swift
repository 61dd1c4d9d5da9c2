import Glibc

/// The limit of open files: xpmd, which has a connection for each client, takes as many as it may. What it starts has the limit that xpmd
/// was started with.
struct OpenFilesLimit: Sendable {
    /// The soft limit that xpmd was started with; nil where the kernel does not tell.
    let inherited: UInt64?

    /// More than this no xpmd needs; some systems have a hard limit of a billion.
    private static let most: rlim_t = 65_536

    /// Raises this process's own limit.
    static func raise() -> OpenFilesLimit {
        var limit = rlimit()
        guard getrlimit(resource, &limit) == 0 else { return OpenFilesLimit(inherited: nil) }
        let inherited = limit.rlim_cur
        limit.rlim_cur = max(inherited, min(limit.rlim_max, most))
        setrlimit(resource, &limit)
        return OpenFilesLimit(inherited: UInt64(inherited))
    }

    /// Lowers it again, for the next program in this process. What is open stays open.
    func restore() {
        var limit = rlimit()
        guard let inherited, getrlimit(resource, &limit) == 0 else { return }
        limit.rlim_cur = min(rlim_t(inherited), limit.rlim_max)
        setrlimit(resource, &limit)
    }
}

private let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
