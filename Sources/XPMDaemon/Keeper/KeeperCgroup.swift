/// Where the keeper has a cgroup for each attempt.
struct KeeperCgroup: Equatable, Sendable {
    /// An absolute path below the mount point; empty where the keeper has none.
    var folder: String
    /// By which limits can be enforced there.
    var controllers: [String]
    /// Why there is none, or something is missing of it.
    var reason: String
}
