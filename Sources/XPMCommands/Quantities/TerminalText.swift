import XPMProtocol

/// The size of a terminal as people write it: `120x40`, columns first.
enum TerminalText {
    /// That of a terminal whose size nobody names.
    static var usual: String { "\(TerminalPolicy.defaultColumns)x\(TerminalPolicy.defaultRows)" }

    /// The policy that `text` means.
    static func policy(_ text: String) throws(Unreadable) -> TerminalPolicy {
        let lengths = text.split(separator: "x", omittingEmptySubsequences: false).map { Int($0) }
        guard lengths.count == 2, let columns = lengths[0], let rows = lengths[1],
            (1...1000).contains(columns), (1...1000).contains(rows)
        else { throw Unreadable("a terminal's size is its columns and rows, 1 to 1000 each, such as 120x40") }
        return .sized(columns: columns, rows: rows)
    }
}
