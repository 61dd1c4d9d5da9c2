import XPMProtocol

/// How an error is told: what could not be done, then what one can do about it.
enum Failure {
    static func report(_ error: WireError, of verb: Hints.Verb? = nil) { StandardError.write(text(error, of: verb)) }

    static func text(_ error: WireError, of verb: Hints.Verb? = nil) -> String {
        let candidates = error.code == .ambiguous ? Candidates(error).lines : []
        var message = error.message
        // They stand below, a line each, not in the sentence as well.
        let listed = ": " + candidates.joined(separator: ", ")
        if !candidates.isEmpty, message.hasSuffix(listed) { message.removeLast(listed.count) }
        var lines = ["xpmctl: \(Sanitizer.line(message))"]
        lines += candidates.map { "  \(Sanitizer.line($0))" }
        if let hint = Hints.hint(for: error, of: verb) { lines.append("hint: \(Sanitizer.line(hint))") }
        return lines.joined(separator: "\n") + "\n"
    }
}
