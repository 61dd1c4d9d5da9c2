import Glibc

/// Why the keeper could not start.
struct KeeperFailure: Error, CustomStringConvertible {
    let description: String

    init(cannot action: String, because reason: String) {
        description = "cannot \(action): \(reason)"
    }

    init(cannot action: String, _ errno: Int32) {
        self.init(cannot: action, because: String(cString: strerror(errno)))
    }
}
