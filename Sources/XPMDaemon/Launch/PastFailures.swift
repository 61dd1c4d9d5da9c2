import XPMProtocol

extension ServiceEntry {
    /// What a service is told of its restarts, in its environment.
    var pastFailures: [String: String] {
        let count = runtime.restartCount ?? 0
        var names = ["XPM_RESTARTS": String(count)]
        guard count > 0, let failure = runtime.lastFailure else { return names }
        names["XPM_LAST_FAILURE"] = EnvironmentText.bounded(failure.error)
        names["XPM_LAST_EXIT"] = failure.exit?.word
        return names
    }
}

extension ExitReport {
    /// The exit code, or the signal by name; nil where nobody knows.
    var word: String? { code.map(String.init) ?? signal }
}

/// Text that goes into an environment variable.
enum EnvironmentText {
    /// At most so many bytes: the kernel takes 128 KiB for one variable, and for all together what the stack leaves.
    static let limit = 4096

    /// The text without NUL, cut to the last `limit` bytes or less at a character.
    static func bounded(_ text: String) -> String {
        var rest = Substring(text.filter { $0 != "\0" })
        while rest.utf8.count > limit { rest = rest.dropFirst(max(1, (rest.utf8.count - limit) / 4)) }
        return String(rest)
    }
}
