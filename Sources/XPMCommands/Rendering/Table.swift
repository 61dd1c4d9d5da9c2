/// Text in aligned columns, two spaces apart, without trailing blanks.
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

    init(_ columns: [String], style: Style) {
        rows = [columns.map { Cell($0, paint: style.bold) }]
    }

    /// A table without a header.
    init() { rows = [] }

    mutating func add(_ cells: [Cell]) { rows.append(cells) }

    var text: String {
        let columns = rows.map(\.count).max() ?? 0
        let widths = (0..<columns).map { column in
            rows.map { column < $0.count ? DisplayWidth.of($0[column].text) : 0 }.max() ?? 0
        }
        return rows.map { render($0, widths) + "\n" }.joined()
    }

    private func render(_ row: [Cell], _ widths: [Int]) -> String {
        let last = row.lastIndex { !$0.text.isEmpty } ?? -1
        var line = ""
        for (column, cell) in row.enumerated() where column <= last {
            line += cell.paint.map { cell.text.isEmpty ? "" : $0(cell.text) } ?? cell.text
            if column < last { line += String(repeating: " ", count: widths[column] - DisplayWidth.of(cell.text) + 2) }
        }
        return line
    }
}
