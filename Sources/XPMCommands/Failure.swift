import XPMProtocol

/// How an error is told: what could not be done, then what one can do about it.
enum Failure {
    static func report(_ error: WireError, of verb: Hints.Verb? = nil) { StandardError.write(text(error, of: verb)) }

    static func text(_ error: WireError, of verb: Hints.Verb? = nil) -> String {
        var lines = ["xpmctl: \(Sanitizer.line(error.message))"]
        if error.code == .ambiguous { lines += Candidates(error).lines.map { "  \(Sanitizer.line($0))" } }
        if let hint = Hints.hint(for: error, of: verb) { lines.append("hint: \(Sanitizer.line(hint))") }
        return lines.joined(separator: "\n") + "\n"
    }
}
