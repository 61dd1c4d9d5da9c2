import XPMProtocol

/// Hides what a definition should not show to somebody who looks over one's shoulder, or in a report of a fault.
enum SecretMask {
    static let text = "***"

    private static let words: Set = [
        "token", "tokens", "secret", "secrets", "password", "passwd", "passphrase", "credential", "credentials", "key",
        "apikey", "auth", "cookie",
    ]

    /// Whether a variable or parameter of that name holds a secret.
    static func hides(_ name: String) -> Bool {
        let name = name.lowercased()
        return name.split(whereSeparator: { "_-. ".contains($0) }).contains { words.contains(String($0)) }
            || ["token", "secret", "password", "apikey"].contains { name.hasSuffix($0) }
    }

    /// The value with all that is below a secret's name hidden, and the passwords in URLs. What is hidden by its name is hidden
    /// where it is repeated, too, as in the command that a template makes of a parameter.
    static func masked(_ value: JSONValue) -> JSONValue {
        var secrets: Set<String> = []
        collect(value, isSecret: false, &secrets)
        return masked(value, secrets.sorted { ($1.utf8.count, $0) < ($0.utf8.count, $1) })
    }

    /// Texts that are long enough to be no other word by chance, and no path.
    private static func collect(_ value: JSONValue, isSecret: Bool, _ secrets: inout Set<String>) {
        switch value {
        case .object(let members):
            for (name, value) in members { collect(value, isSecret: isSecret || hides(name), &secrets) }
        case .array(let values): for value in values { collect(value, isSecret: isSecret, &secrets) }
        case .string(let string) where isSecret && string.utf8.count >= 8 && !string.contains("/"):
            secrets.insert(string)
        default: break
        }
    }

    private static func masked(_ value: JSONValue, _ secrets: [String]) -> JSONValue {
        switch value {
        case .object(let members):
            return .object(
                Dictionary(
                    uniqueKeysWithValues: members.map { name, value in
                        (name, hides(name) && value.isFilled ? .string(text) : masked(value, secrets))
                    }))
        case .array(let values): return .array(values.map { masked($0, secrets) })
        case .string(let string):
            var shown = withoutOptions(withoutPassword(string))
            for secret in secrets where shown.contains(secret) { shown = shown.replacing(secret, with: text) }
            return .string(shown)
        default: return value
        }
    }

    /// `--auth-token=***` for `--auth-token=word`, and the same in what a URL asks for: `?token=***`.
    private static func withoutOptions(_ string: String) -> String {
        guard string.contains("=") else { return string }
        return string.replacing(/(^--?|[?&])([A-Za-z0-9_.\-]+)=([^&#\s]+)/) { match in
            hides(String(match.2)) ? "\(match.1)\(match.2)=\(text)" : String(match.0)
        }
    }

    /// `postgres://me:***@host/` for `postgres://me:word@host/`.
    private static func withoutPassword(_ string: String) -> String {
        guard string.contains("://"), string.contains("@") else { return string }
        return string.replacing(/:\/\/([^\/@:\s]*):[^\/@\s]+@/) { "://\($0.1):\(text)@" }
    }
}

extension JSONValue {
    /// Whether there is a text or a number in it; what is empty or yes or no keeps no secret.
    fileprivate var isFilled: Bool {
        switch self {
        case .null, .bool, .string(""): false
        default: true
        }
    }
}
