/// One place of the screen.
struct Cell: Hashable, Sendable {
    /// A character with what combines with it; empty for the second half of a wide one.
    var text: String
    /// Columns: 1 or 2, and 0 for the second half of a wide character.
    var width: UInt8
    var look: Look

    static let blank = Cell(text: " ", width: 1, look: .plain)
}

/// A screen full of cells, which views draw into. What does not fit is cut off, and no control character gets in.
struct Canvas: Hashable, Sendable {
    let columns: Int
    let rows: Int
    private(set) var cells: [Cell]
    /// Where the terminal's cursor stands, if it is shown.
    var cursor: (row: Int, column: Int)? {
        get { cursorRow < 0 ? nil : (cursorRow, cursorColumn) }
        set { (cursorRow, cursorColumn) = newValue ?? (-1, 0) }
    }
    private var cursorRow = -1
    private var cursorColumn = 0

    /// The most characters that may combine in one cell.
    private static let mostMarks = 4

    init(columns: Int, rows: Int) {
        (self.columns, self.rows) = (max(1, columns), max(1, rows))
        cells = Array(repeating: .blank, count: self.columns * self.rows)
    }

    subscript(row: Int, column: Int) -> Cell { cells[row * columns + column] }

    /// Draws `text` from a place on, up to the column `end`; returns the column behind it.
    @discardableResult
    mutating func put(_ text: String, row: Int, column: Int, until end: Int? = nil, _ look: Look = .plain) -> Int {
        let end = min(end ?? columns, columns)
        guard (0..<rows).contains(row), column >= 0 else { return column }
        var (column, last) = (column, -1)
        for scalar in text.unicodeScalars {
            if scalar.value >= 0x20, scalar.value < 0x7f {
                guard column < end else { break }
                set(row, column, Cell(text: Self.ascii[Int(scalar.value) - 0x20], width: 1, look: look))
                (last, column) = (column, column + 1)
                continue
            }
            let shown = Self.isControl(scalar) ? "\u{fffd}" : scalar
            let width = TextWidth.of(shown)
            if width == 0 {
                // It belongs to the character before; without one there is nothing to draw it on.
                guard last >= 0 else { continue }
                let place = row * columns + last
                if cells[place].text.unicodeScalars.count <= Self.mostMarks {
                    cells[place].text.unicodeScalars.append(shown)
                }
                continue
            }
            guard column + width <= end else { break }
            set(row, column, Cell(text: String(shown), width: UInt8(width), look: look))
            if width == 2 { cells[row * columns + column + 1] = Cell(text: "", width: 0, look: look) }
            (last, column) = (column, column + width)
        }
        return column
    }

    /// Fills a stretch of a row with blanks of this look.
    mutating func fill(row: Int, from start: Int = 0, to end: Int? = nil, _ look: Look = .plain) {
        guard (0..<rows).contains(row) else { return }
        var column = max(0, start)
        while column < min(end ?? columns, columns) {
            set(row, column, Cell(text: " ", width: 1, look: look))
            column += 1
        }
    }

    /// Adds attributes to a stretch of a row.
    mutating func mark(row: Int, from start: Int = 0, to end: Int? = nil, _ attributes: Look.Attributes) {
        guard (0..<rows).contains(row) else { return }
        for column in max(0, start)..<max(max(0, start), min(end ?? columns, columns)) {
            cells[row * columns + column].look = cells[row * columns + column].look.adding(attributes)
        }
    }

    /// What a row says, without blanks at its end: for tests, and for people.
    func line(_ row: Int) -> String {
        var text = cells[row * columns..<(row + 1) * columns].map(\.text).joined()
        while text.last == " " { text.removeLast() }
        return text
    }

    var text: String { (0..<rows).map(line).joined(separator: "\n") }

    /// A cell takes the place of another one; half of a wide character is none.
    private mutating func set(_ row: Int, _ column: Int, _ cell: Cell) {
        let place = row * columns + column
        if cells[place].width == 0, column > 0 {
            cells[place - 1] = Cell(text: " ", width: 1, look: cells[place - 1].look)
        }
        if cells[place].width == 2, column + 1 < columns {
            cells[place + 1] = Cell(text: " ", width: 1, look: cells[place + 1].look)
        }
        cells[place] = cell
    }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.value < 0x20 || (0x7f..<0xa0).contains(scalar.value) { return true }
        if scalar.value < 0x300 { return false }
        switch scalar.properties.generalCategory {
        // A terminal may show those that join, as in families of emoji, in its own way; none of them moves text about.
        case .control, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .format: return true
        default: return false
        }
    }

    private static let ascii: [String] = (0x20..<0x7f).map { String(UnicodeScalar(UInt8($0))) }
}
