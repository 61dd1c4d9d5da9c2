import Glibc

/// What inotify(7) has run out of; what would be watched has to be looked at again and again then.
package enum InotifyShortage: Hashable, Sendable {
    case instances, watches

    /// What inotify_add_watch(2) has failed for, by its error's number; nil where it is for the file.
    package init?(_ code: Int32) {
        guard code == ENOSPC || code == ENOMEM else { return nil }
        self = .watches
    }

    /// What is missing, a phrase with the kernel's setting that limits it.
    package var description: String {
        switch self {
        case .instances: "no inotify instance left (fs.inotify.max_user_instances)"
        case .watches: "no inotify watches left (fs.inotify.max_user_watches)"
        }
    }
}
