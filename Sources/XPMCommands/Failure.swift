import XPMProtocol

/// How an error is told: what could not be done, then what one can do about it.
enum Failure {
    static func report(_ error: WireError) { StandardError.write(text(error)) }

    static func text(_ error: WireError) -> String {
        var lines = ["xpmctl: \(Sanitizer.line(error.message))"]
        if case .array(let candidates)? = error.data["candidates"] {
            lines += candidates.map { "  \(Sanitizer.line(name(of: $0)))" }
        }
        if let hint = Hints.hint(for: error) { lines.append("hint: \(Sanitizer.line(hint))") }
        return lines.joined(separator: "\n") + "\n"
    }

    /// A candidate is a full name, or an object that has one.
    private static func name(of candidate: JSONValue) -> String {
        switch candidate {
        case .string(let name): name
        case .object(let parts): parts["name"]?.text ?? parts["id"]?.text ?? "?"
        default: "?"
        }
    }
}
