import XPMKeeping
import XPMLogs
import XPMProtocol

/// What becomes of a service's output, with the defaults decided.
struct LogPlan: Hashable {
    var target: LogPolicy.Target = .files
    /// Nil for a file that is never rotated.
    var maximumBytes: Int64? = LogPolicy.defaultMaximumBytes
    /// In seconds; nil for a file that never gets too old.
    var maximumAge: UInt64?
    var keep = LogPolicy.defaultKeep
    /// The files, where they are not the service's own below the state folder.
    var stdout: String?
    var stderr: String?
    /// Whether each attempt begins empty files.
    var isFresh = false
    /// The size of the terminal that is its output, which goes into the log of stdout; nil where there is none.
    var terminal: TerminalSize?

    init() {}

    init(_ policy: LogPolicy, terminal wish: TerminalPolicy? = nil) throws(WireError) {
        target = policy.target ?? .files
        if target == .direct { try Self.refuseRotation(policy) }
        if let bytes = policy.maximumBytes {
            guard bytes == 0 || bytes >= 64 << 10 else {
                throw WireError(
                    .invalidParameters,
                    "cannot rotate a log at \(bytes == 1 ? "1 byte" : "\(bytes) bytes"): it must be 65536 or more, or 0 for never"
                )
            }
            maximumBytes = bytes == 0 ? nil : bytes
        }
        maximumAge = try policy.maximumAgeSeconds.flatMap(Self.age)
        keep = policy.keep ?? LogPolicy.defaultKeep
        guard (0...1000).contains(keep) else {
            throw WireError(.invalidParameters, "cannot keep \(keep) rotated logs: it must be 0 to 1000")
        }
        stdout = try policy.stdout.map(Self.file)
        stderr = try policy.stderr.map(Self.file)
        if target == .null { (stdout, stderr) = (LogPaths.discarded, LogPaths.discarded) }
        isFresh = (policy.fresh ?? false) && target == .files
        terminal = try TerminalSize(wish)
        if terminal != nil { try refuseTerminal(policy) }
    }

    private static func age(_ seconds: Double) throws(WireError) -> UInt64? {
        guard seconds != 0 else { return nil }
        guard LogPolicy.ages.contains(seconds) else {
            let isWhole = seconds == seconds.rounded() && abs(seconds) < 1e15
            let span = isWhole ? "\(Int64(seconds))" : "\(seconds)"
            throw WireError(
                .invalidParameters,
                "cannot rotate a log after \(span) s: it must be 60 to 315360000 s (10 years), or 0 for never",
                data: ["parameter": "definition.log.max_age_s"])
        }
        return UInt64(seconds.rounded(.up))
    }

    /// Nobody but the service has these files.
    private static func refuseRotation(_ policy: LogPolicy) throws(WireError) {
        let wishes = [
            ("log.max_bytes", policy.maximumBytes != nil), ("log.max_age_s", policy.maximumAgeSeconds != nil),
            ("log.keep", policy.keep != nil), ("log.fresh", policy.fresh == true),
        ]
        guard let (wish, _) = wishes.first(where: \.1) else { return }
        throw WireError(
            .invalidParameters,
            "cannot use \(wish) with log.to direct: the service writes its files itself, and xpmd does not rotate them",
            data: ["parameter": .string("definition.\(wish)")])
    }

    private func refuseTerminal(_ policy: LogPolicy) throws(WireError) {
        let cause: String? =
            if target != .files {
                "log.to \(target.rawValue): the output of a terminal goes to files that xpmd writes"
            } else if policy.stderr != nil {
                "log.stderr: a terminal has one log, that of log.stdout"
            } else if stdout == LogPaths.discarded {
                "a log.stdout of \(LogPaths.discarded): all its output would be discarded"
            } else {
                nil
            }
        guard let cause else { return }
        throw WireError(
            .invalidParameters, "cannot use tty with \(cause)", data: ["parameter": .string("definition.tty")])
    }

    private static func file(_ path: String) throws(WireError) -> String {
        guard path.hasPrefix("/"), !path.hasSuffix("/"), !path.utf8.contains(0) else {
            throw WireError(
                .invalidParameters, "cannot write a log to \(Name.quoted(path)): it is not the absolute path of a file")
        }
        let path = try WorkspacePath.normalized(path)
        guard !path.hasSuffix(LogName.sidecarSuffix) else {
            throw WireError(
                .invalidParameters,
                "cannot write a log to \(Name.quoted(path)): xpmd keeps the times of a log's lines in files with that ending"
            )
        }
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

    /// Why no line of a stream will ever be seen, a clause on `its …`; nil where lines will.
    func unread(_ stream: LogPattern.Stream) -> String? {
        if target == .journal { return "output goes to the journal" }
        if terminal != nil, stream == .stderr {
            return "standard error goes to its terminal (tty), whose lines are all in the log of stdout"
        }
        let paths: [String?] =
            switch stream {
            case .stdout: [stdout]
            case .stderr: [stderr]
            case .both: [stdout, stderr]
            }
        return paths.allSatisfy { $0 == LogPaths.discarded } ? "output is discarded" : nil
    }

    /// When its files are rotated; nil where no attempt's output goes to files by way of pipes.
    var rotation: RotationPolicy? {
        guard target == .files, stdout != LogPaths.discarded || stderr != LogPaths.discarded else { return nil }
        return RotationPolicy(
            size: UInt64(clamping: maximumBytes ?? 0), age: maximumAge ?? 0, count: UInt32(clamping: keep),
            rotatesAtStart: isFresh)
    }
}
