/// A message as a parser has read it, for comparison with what another one has.
public struct ReadMessage: Equatable, Sendable {
    /// `GET /path 1.1` or `1.1 200`.
    public var start: String
    /// Names and values in turn, as they are written.
    public var fields: [String] = []
    /// The content so far.
    public var body: [UInt8] = []
    /// Whether its end was seen.
    public var isComplete = false

    init(_ start: String) { self.start = start }

    /// Without what stands at the ends of values: there the parsers may differ, and nobody minds.
    static func trimmed(_ value: String) -> String {
        var bytes = Array(value.utf8)[...]
        while let last = bytes.last, last == 0x20 || last == 0x09 { bytes.removeLast() }
        while let first = bytes.first, first == 0x20 || first == 0x09 { bytes.removeFirst() }
        return String(decoding: bytes, as: UTF8.self)
    }
}
