import XPMProtocol

/// Why a text is no pattern that can be used.
public enum PatternFault: Error, Hashable, Sendable {
    case tooLong(bytes: Int)
    /// Its groups are nested too deep.
    case tooDeep
    /// A clause for people.
    case unusable(String)

    /// A clause for people: "it …" or what the library says.
    public var cause: String {
        switch self {
        case .tooLong(let bytes): "it has \(bytes) bytes, and the limit is \(LogPattern.lengthLimit)"
        case .tooDeep: "its groups are nested deeper than \(LogPattern.nestingLimit) levels"
        case .unusable(let cause): cause
        }
    }
}
