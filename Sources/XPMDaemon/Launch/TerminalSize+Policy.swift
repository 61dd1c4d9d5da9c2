import XPMLogs
import XPMProtocol

extension TerminalSize {
    private static let lengths = 1...1000

    /// What a definition asks for; nil for no terminal. Refuses sizes that no program can be meant to fill.
    init?(_ wish: TerminalPolicy?) throws(WireError) {
        switch wish {
        case nil, .off: return nil
        case .on: try self.init(nil, nil)
        case .sized(let columns, let rows): try self.init(columns, rows)
        }
    }

    private init(_ columns: Int?, _ rows: Int?) throws(WireError) {
        self.init(
            columns: try Self.checked(columns ?? TerminalPolicy.defaultColumns, "columns"),
            rows: try Self.checked(rows ?? TerminalPolicy.defaultRows, "rows"))
    }

    private static func checked(_ length: Int, _ unit: String) throws(WireError) -> UInt16 {
        guard lengths.contains(length) else {
            throw WireError(
                .invalidParameters,
                "cannot make a terminal of \(length) \(unit): it must have \(lengths.lowerBound) to \(lengths.upperBound)",
                data: ["parameter": .string("definition.tty.\(unit)")])
        }
        return UInt16(length)
    }
}
