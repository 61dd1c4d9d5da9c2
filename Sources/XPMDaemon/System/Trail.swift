import Synchronization

/// Where on the disk a look is, so that what does not answer can be named.
final class Trail: Sendable {
    /// Of the work that this thread does; nil where nobody wants to know.
    @TaskLocal static var current: Trail?

    private let place = Mutex("")

    /// The path that was looked at last.
    var path: String { place.withLock { $0 } }

    /// A path is looked at from now on.
    static func at(_ path: String) { current?.place.withLock { $0 = path } }
}
