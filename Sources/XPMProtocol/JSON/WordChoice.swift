/// A word of a fixed set. Any other is refused in words of the user, who is told which there are.
public protocol WordChoice: RawRepresentable, CaseIterable, Codable where RawValue == String {}

extension WordChoice {
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let word = try container.decode(String.self)
        guard let choice = Self(rawValue: word) else {
            let known = Self.allCases.map(\.rawValue).joined(separator: ", ")
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "\(Name.quoted(word)) is not one of \(known)")
        }
        self = choice
    }
}
