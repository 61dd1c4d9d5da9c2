import XPMKeeping
import XPMProtocol

/// What becomes of a service's output, with the defaults decided.
struct LogPlan: Hashable {
    var target: LogPolicy.Target = .files
    /// Nil for a file that is never rotated.
    var maximumBytes: Int64? = LogPolicy.defaultMaximumBytes
    var keep = LogPolicy.defaultKeep
    /// The files, where they are not the service's own below the state folder.
    var stdout: String?
    var stderr: String?
    /// Whether each attempt begins empty files.
    var isFresh = false

    init() {}

    init(_ policy: LogPolicy) throws(WireError) {
        target = policy.target ?? .files
        if let bytes = policy.maximumBytes {
            guard bytes == 0 || bytes >= 64 << 10 else {
                throw WireError(
                    .invalidParameters,
                    "cannot rotate a log at \(bytes == 1 ? "1 byte" : "\(bytes) bytes"): it must be 65536 or more, or 0 for never"
                )
            }
            maximumBytes = bytes == 0 ? nil : bytes
        }
        keep = policy.keep ?? LogPolicy.defaultKeep
        guard (0...1000).contains(keep) else {
            throw WireError(.invalidParameters, "cannot keep \(keep) rotated logs: it must be 0 to 1000")
        }
        stdout = try policy.stdout.map(Self.file)
        stderr = try policy.stderr.map(Self.file)
        if target == .null { (stdout, stderr) = (LogPaths.discarded, LogPaths.discarded) }
        isFresh = (policy.fresh ?? false) && target == .files
    }

    private static func file(_ path: String) throws(WireError) -> String {
        guard path.hasPrefix("/"), !path.hasSuffix("/"), !path.utf8.contains(0) else {
            throw WireError(
                .invalidParameters, "cannot write a log to \(Name.quoted(path)): it is not the absolute path of a file")
        }
        let path = try WorkspacePath.normalized(path)
        // What lies in memory there is a folder of files like any other.
        guard path == LogPaths.discarded || !path.hasPrefix("/dev/") || path.hasPrefix("/dev/shm/") else {
            throw WireError(
                .invalidParameters,
                "cannot write a log to \(Name.quoted(path)): the only device allowed is \(LogPaths.discarded)")
        }
        return path
    }

    /// The files that it names itself.
    var ownFiles: [String] { [stdout, stderr].compactMap(\.self).filter { $0 != LogPaths.discarded } }

    /// Refuses files in xpmd's own folders, that of its state first: their content would be lost, or others' output end up in them.
    /// Looks at the files' folders, which may block.
    func refuse(files own: [String]) throws(WireError) {
        for path in ownFiles {
            // Adopted strays have theirs there.
            guard let state = own.first, !path.hasPrefix(state + "/logs/") else { continue }
            Trail.at(path)
            // With a dot behind it a link to the folder is followed.
            let folder = FileIdentity(path[...(path.lastIndex(of: "/") ?? path.startIndex)] + ".")
            let isOwn = own.contains { own in
                path.hasPrefix(own + "/") || folder != nil && folder == FileIdentity(own + "/.")
            }
            guard isOwn else { continue }
            throw WireError(
                .invalidParameters,
                "cannot write a log to \(Name.quoted(path)): xpmd keeps its own files in that folder")
        }
    }

    /// Why no line of a stream will ever be seen, a clause; nil where lines will.
    func unread(_ stream: LogPattern.Stream) -> String? {
        if target == .journal { return "goes to the journal" }
        let paths: [String?] =
            switch stream {
            case .stdout: [stdout]
            case .stderr: [stderr]
            case .both: [stdout, stderr]
            }
        return paths.allSatisfy { $0 == LogPaths.discarded } ? "is discarded" : nil
    }

    /// The same, with nothing left out.
    var policy: LogPolicy { LogPolicy(target == .null ? .files : target, maximumBytes: maximumBytes ?? 0, keep: keep) }
}
