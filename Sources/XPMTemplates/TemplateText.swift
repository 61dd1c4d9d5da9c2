import XPMProtocol

/// A text with places for parameters: `{name}` is one, `{{` and `}}` are braces.
struct TemplateText: Hashable {
    private enum Part: Hashable {
        case literal(String)
        case parameter(String)
    }

    private let parts: [Part]

    /// Reads a text found at `key` of the file.
    init(_ text: String, at key: String) throws(TemplateFault) {
        var parts: [Part] = []
        var literal = ""
        var rest = text[...]
        while let character = rest.popFirst() {
            switch character {
            case "{" where rest.first == "{", "}" where rest.first == "}":
                rest.removeFirst()
                literal.append(character)
            case "{":
                guard let end = rest.firstIndex(of: "}"), ParameterName.isPlace(rest[..<end]) else {
                    throw TemplateFault(
                        key, "'\(text)' has a '{' that starts no parameter; write '{{' for a literal brace")
                }
                parts += [.literal(literal), .parameter(String(rest[..<end]))]
                literal = ""
                rest = rest[rest.index(after: end)...]
            case "}":
                throw TemplateFault(
                    key, "'\(text)' has a '}' that ends no parameter; write '}}' for a literal brace")
            default:
                literal.append(character)
            }
        }
        self.parts = parts + [.literal(literal)]
    }

    /// The parameters that it names, in their order.
    var parameters: [String] { parts.compactMap { if case .parameter(let name) = $0 { name } else { nil } } }

    /// How many bytes it has with values of such sizes in their places.
    func size(with sizes: [String: Int]) -> Int {
        parts.reduce(0) { sum, part in
            switch part {
            case .literal(let text): sum + text.utf8.count
            case .parameter(let name): sum + sizes[name, default: 0]
            }
        }
    }

    /// The text with the parameters' values in their places; every one that it names must be given.
    func filled(with values: [String: String]) -> String {
        parts.map { part in
            switch part {
            case .literal(let text): text
            case .parameter(let name): values[name, default: ""]
            }
        }.joined()
    }
}

/// The rules for names of parameters, which are also options of a command line.
enum ParameterName {
    /// The service's id, which every template may name and none may define.
    static let id = "id"
    /// The port that the service was allotted, unless a parameter has that name.
    static let port = "port"
    /// The token that the service was allotted, unless a parameter has that name.
    static let token = "token"

    /// The path below which a gateway serves the service, unless a parameter has that name.
    static let prefix = "prefix"

    /// What every template may name beside its own parameters.
    static let builtIn = [id, port, token, prefix]

    /// One of the ports in `web.ports`, which is no name that a parameter could have.
    static func port(_ name: some StringProtocol) -> String { "port:\(name)" }

    /// Whether a text may have it in braces: the name of a parameter or of one of the ports.
    static func isPlace(_ name: some StringProtocol) -> Bool {
        name.hasPrefix("port:") ? WebPolicy.isPortName(name.dropFirst("port:".count)) : isValid(name)
    }

    /// Accepts ASCII letters, digits, `_` and `-`, beginning with a letter.
    static func isValid(_ name: some StringProtocol) -> Bool {
        guard let first = name.utf8.first, isLetter(first) else { return false }
        return name.utf8.allSatisfy {
            isLetter($0) || UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 || "_-".utf8.contains($0)
        }
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte | 0x20
    }
}
