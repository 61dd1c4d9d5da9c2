import XPMProtocol

/// A limit of setrlimit(2), `nofile=65536` or `core=unlimited`.
struct ResourceLimit: Equatable {
    var name: String
    var value: Int64

    init(_ text: String) throws(Unreadable) {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2, let value = parts[1] == "unlimited" ? -1 : Int64(parts[1]), value >= -1 else {
            throw Unreadable("a limit is NAME=NUMBER or NAME=unlimited, such as nofile=65536")
        }
        guard ResourceLimits.resources.contains(parts[0]) else {
            throw Unreadable("known limits: \(ResourceLimits.resources.sorted().joined(separator: ", "))")
        }
        (name, self.value) = (parts[0], value)
    }
}
