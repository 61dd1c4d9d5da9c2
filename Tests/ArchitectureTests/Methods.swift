/// A request of the protocol, found by its declaration.
struct ProtocolMethod {
    /// `StartService`.
    var type: String
    /// `service.start`.
    var name: String

    static func all() throws -> [ProtocolMethod] {
        let declaration = /struct (\w+): Method\b/
        let name = /static let name = "([^"]+)"/
        return try Repository.files(in: "Sources/XPMProtocol").flatMap { file in
            let text = try Repository.text(file)
            return text.matches(of: declaration).map { match in
                let rest = text[match.range.upperBound...]
                return ProtocolMethod(
                    type: String(match.1), name: rest.firstMatch(of: name).map { String($0.1) } ?? "no name")
            }
        }
    }
}
