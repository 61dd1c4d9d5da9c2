import Glibc

/// Why a file of a log could not be used.
public struct LogFileError: Error, Equatable, Sendable, CustomStringConvertible {
    /// What could not be done, with the path.
    public let action: String
    /// The system's error, 0 where it is none of the system's.
    public let errno: Int32
    /// The cause.
    public let reason: String

    /// An error of the system.
    public init(cannot action: String, _ errno: Int32) {
        self.action = action
        self.errno = errno
        reason = String(cString: strerror(errno))
    }

    /// Another cause.
    public init(cannot action: String, because reason: String) {
        self.action = action
        self.reason = reason
        errno = 0
    }

    /// There is no room on the disk, in the quota or in the file: there may be some later.
    public var isNoRoom: Bool { [ENOSPC, EDQUOT, EFBIG].contains(errno) }

    /// This process or the system has no descriptors or no memory left: there may be some later.
    public var isShortage: Bool { [EMFILE, ENFILE, ENOMEM].contains(errno) }

    /// What could not be written is worth to wait for.
    public var mayPass: Bool { isNoRoom || isShortage }

    /// The cause as it stands behind a colon, within a sentence.
    public var cause: String {
        // Not of an abbreviation.
        let isWord = reason.dropFirst().first?.isUppercase != true
        return isWord ? reason.prefix(1).lowercased() + reason.dropFirst() : reason
    }

    /// The same within a sentence that tells already that the file at a path could not be used: nothing is said twice.
    public func detail(of paths: String...) -> String {
        let isKnown = ["write", "open", "rename"].contains { verb in paths.contains { action == "\(verb) \($0)" } }
        return isKnown ? cause : "cannot \(action): \(cause)"
    }

    /// One line: "cannot …: cause".
    public var description: String { "cannot \(action): \(reason)" }
}
