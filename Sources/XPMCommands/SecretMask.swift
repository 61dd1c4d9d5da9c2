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

    /// The value with all that is below a secret's name hidden, and the passwords in URLs.
    static func masked(_ value: JSONValue) -> JSONValue {
        switch value {
        case .object(let members):
            return .object(
                Dictionary(
                    uniqueKeysWithValues: members.map { name, value in
                        (name, hides(name) && value.isFilled ? .string(text) : masked(value))
                    }))
        case .array(let values): return .array(values.map(masked))
        case .string(let string): return .string(withoutPassword(string))
        default: return value
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
