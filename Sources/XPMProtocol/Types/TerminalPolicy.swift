/// Whether a service writes to a terminal of its own; on the wire `true`, `false`, or an object with its size.
public enum TerminalPolicy: Hashable, Sendable {
    /// Standard output and standard error go to logs of their own.
    case off
    /// Both go to one terminal of the usual size, and so into one log.
    case on
    /// The same with a terminal of this size, in characters (default: the usual one).
    case sized(columns: Int?, rows: Int?)

    /// The width where a definition names none.
    public static let defaultColumns = 120
    /// The height where a definition names none.
    public static let defaultRows = 40
    /// What a service finds as `TERM` where its environment has none.
    public static let name = "xterm-256color"

    /// Whether there is a terminal.
    public var isOn: Bool { self != .off }

    private enum CodingKeys: String, CodingKey {
        case columns, rows
    }
}

extension TerminalPolicy: Codable {
    public init(from decoder: any Decoder) throws {
        guard let size = try? decoder.container(keyedBy: CodingKeys.self) else {
            self = try decoder.singleValueContainer().decode(Bool.self) ? .on : .off
            return
        }
        self = .sized(
            columns: try size.decodeIfPresent(Int.self, forKey: .columns),
            rows: try size.decodeIfPresent(Int.self, forKey: .rows))
    }

    public func encode(to encoder: any Encoder) throws {
        switch self {
        case .off, .on:
            var container = encoder.singleValueContainer()
            try container.encode(isOn)
        case .sized(let columns, let rows):
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encodeIfPresent(columns, forKey: .columns)
            try container.encodeIfPresent(rows, forKey: .rows)
        }
    }
}
