/// Which part of which line stands in which row.
struct LogLayout: Hashable, Sendable {
    struct Row: Hashable, Sendable {
        /// The number of the line.
        var line: Int
        /// The columns of its text that are in this row.
        var from: Int
        var to: Int
    }

    var rows: [Row] = []

    /// How many rows a line of this width takes.
    static func height(of width: Int, in columns: Int, wraps: Bool) -> Int {
        wraps ? max(1, (width + columns - 1) / max(1, columns)) : 1
    }
}

extension LogView {
    /// The rows of a window of this size: from `top` on, or where it follows the last ones.
    func layout(columns: Int, height: Int, shows: (LogLine) -> Bool) -> LogLayout {
        let columns = max(1, columns)
        var layout = LogLayout()
        if follows {
            var number = buffer.end - 1
            while layout.rows.count < height, number >= buffer.first, let line = buffer[number] {
                if shows(line) { layout.rows.insert(contentsOf: rows(of: line, number, columns), at: 0) }
                number -= 1
            }
            layout.rows.removeFirst(max(0, layout.rows.count - height))
            return layout
        }
        var number = max(top.line, buffer.first)
        while layout.rows.count < height, let line = buffer[number] {
            if shows(line) {
                let rows = rows(of: line, number, columns)
                layout.rows += number == top.line ? rows.dropFirst(min(top.column, rows.count - 1)) : rows[...]
            }
            number += 1
        }
        layout.rows.removeLast(max(0, layout.rows.count - height))
        return layout
    }

    private func rows(of line: LogLine, _ number: Int, _ columns: Int) -> [LogLayout.Row] {
        guard wraps else { return [LogLayout.Row(line: number, from: left, to: left + columns)] }
        let width = line.spans.reduce(0) { $0 + TextWidth.of($1.text) }
        return (0..<LogLayout.height(of: width, in: columns, wraps: true)).map {
            LogLayout.Row(line: number, from: $0 * columns, to: ($0 + 1) * columns)
        }
    }

    /// Moves by rows; down to the end it follows again.
    mutating func scroll(_ rows: Int, columns: Int, height: Int) {
        let all = layout(columns: columns, height: height, shows: shows)
        guard let first = all.rows.first else { return }
        if follows {
            guard rows < 0 else { return }
            follows = false
            top = Position(line: first.line, column: wraps ? first.from / max(1, columns) : 0)
        }
        var left = abs(rows)
        while left > 0, step(rows < 0 ? -1 : 1, columns) { left -= 1 }
        // Nothing is below the last line: then what comes is followed.
        if rows > 0, layout(columns: columns, height: height + 1, shows: shows).rows.count <= height { follows = true }
    }

    /// Moves the top by one row; false at the end of what there is.
    private mutating func step(_ direction: Int, _ columns: Int) -> Bool {
        guard let line = buffer[top.line] else {
            top = Position(line: min(max(top.line, buffer.first), max(buffer.first, buffer.end - 1)), column: 0)
            return false
        }
        let count = shows(line) ? rows(of: line, top.line, columns).count : 1
        if direction > 0, top.column + 1 < count {
            top.column += 1
            return true
        }
        if direction < 0, top.column > 0 {
            top.column -= 1
            return true
        }
        var number = top.line + direction
        while let next = buffer[number], !shows(next) { number += direction }
        guard let next = buffer[number] else { return false }
        top = Position(line: number, column: direction > 0 ? 0 : rows(of: next, number, columns).count - 1)
        return true
    }

    /// Shows a line in the middle.
    mutating func reveal(_ number: Int, columns: Int, height: Int) {
        follows = false
        top = Position(line: number, column: 0)
        var left = height / 2
        while left > 0, step(-1, columns) { left -= 1 }
    }

    /// The text of what is selected: lines as they are, however they were wrapped, without what stands beside them.
    func text(from: Position, to: Position, isWhole: Bool) -> String {
        let (start, end) = from <= to ? (from, to) : (to, from)
        var lines: [String] = []
        for number in max(start.line, buffer.first)...max(max(start.line, buffer.first), end.line) {
            guard let line = buffer[number], shows(line) else { continue }
            let first = !isWhole && number == start.line ? start.column : 0
            let last = !isWhole && number == end.line ? end.column + 1 : Int.max
            lines.append(Self.columns(first, last, of: line.text))
        }
        return lines.joined(separator: "\n")
    }

    /// The part of a text that stands in these columns.
    static func columns(_ from: Int, _ to: Int, of text: String) -> String {
        if from == 0, to == Int.max { return text }
        var (column, part) = (0, String.UnicodeScalarView())
        for scalar in text.unicodeScalars {
            let width = TextWidth.of(scalar)
            if column >= from, column < to { part.append(scalar) }
            column += width
        }
        return String(part)
    }
}
