/// Text in aligned columns, two spaces apart, without trailing blanks, and where it is to fit a terminal no wider than that.
struct Table {
    /// One cell: what is measured, and what is printed around it.
    struct Cell {
        var text: String
        var paint: ((String) -> String)?

        init(_ text: String, paint: ((String) -> String)? = nil) {
            self.text = Sanitizer.line(text)
            self.paint = paint
        }
    }

    private var rows: [[Cell]]
    /// How wide a row may be; nil for as wide as it is.
    private let limit: Int?
    /// What a column keeps however narrow the terminal is.
    private static let narrowest = 4

    init(_ columns: [String], style: Style, limit: Int? = nil) {
        rows = [columns.map { Cell($0, paint: style.bold) }]
        self.limit = limit
    }

    /// A table without a header.
    init() { (rows, limit) = ([], nil) }

    mutating func add(_ cells: [Cell]) { rows.append(cells) }

    var text: String {
        let widths = fitted
        return rows.map { render($0, widths) + "\n" }.joined()
    }

    /// The width of each column. Where the row has no room, the widest columns give first.
    private var fitted: [Int] {
        let columns = rows.map(\.count).max() ?? 0
        var widths = (0..<columns).map { column in
            rows.map { column < $0.count ? DisplayWidth.of($0[column].text) : 0 }.max() ?? 0
        }
        guard let limit else { return widths }
        var excess = widths.reduce(2 * (columns - 1), +) - limit
        while excess > 0, let widest = widths.indices.max(by: { widths[$0] < widths[$1] }),
            widths[widest] > Self.narrowest
        {
            widths[widest] -= 1
            excess -= 1
        }
        return widths
    }

    private func render(_ row: [Cell], _ widths: [Int]) -> String {
        let last = row.lastIndex { !$0.text.isEmpty } ?? -1
        var line = ""
        for (column, cell) in row.enumerated() where column <= last {
            let text = DisplayWidth.cut(cell.text, to: widths[column])
            line += cell.paint.map { text.isEmpty ? "" : $0(text) } ?? text
            if column < last { line += String(repeating: " ", count: widths[column] - DisplayWidth.of(text) + 2) }
        }
        return line
    }
}
