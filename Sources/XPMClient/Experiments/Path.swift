/// A path in a state dictionary: `Path("/ws/runs")`. On the wire `{"__path__": "/ws/runs"}`, so that it can be translated elsewhere.
public struct Path: Hashable, Sendable, ExpressibleByStringLiteral, CustomStringConvertible {
    /// The path as text.
    public var string: String

    /// The path `string`, as it is.
    public init(_ string: String) { self.string = string }

    /// The path of a literal.
    public init(stringLiteral value: String) { self.init(value) }

    /// The path as text.
    public var description: String { string }

    /// The path of `component` inside the folder `folder`.
    public static func / (folder: Path, component: String) -> Path {
        Path(folder.string.hasSuffix("/") ? folder.string + component : "\(folder.string)/\(component)")
    }
}
