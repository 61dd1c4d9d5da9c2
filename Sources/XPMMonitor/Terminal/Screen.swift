import CNcurses
import Glibc
import XPMProtocol

/// The terminal, by ncursesw: shows canvases, and puts everything back at its end.
final class Screen {
    let descriptor: Int32
    private let modes: termios
    private let colors: Int
    private let isUnicode: Bool
    private var shown: Canvas?
    private var pairs: [Int64: Int32] = [:]
    private let pairLimit: Int
    private(set) var note: String?
    private var hasMouse = false

    private static let pasteOn = "\u{1b}[?2004h"
    private static let pasteOff = "\u{1b}[?2004l"
    private static let mouseOn = "\u{1b}[?1002h\u{1b}[?1006h"
    private static let mouseOff = "\u{1b}[?1006l\u{1b}[?1002l"
    /// The end of the alternate screen, the cursor, plain text: what most terminals understand.
    private static let usualEnd = "\u{1b}[0m\u{1b}[?25h\u{1b}[?1049l\u{1b}[?1l\u{1b}>"

    /// Takes the terminal over. Where its kind is unknown it is taken for a plain one, and `note` says so.
    init(environment: [String: String], isUnicode: Bool) throws(WireError) {
        descriptor = STDIN_FILENO
        var modes = termios()
        guard tcgetattr(descriptor, &modes) == 0 else {
            throw WireError(.internalError, "cannot read the terminal's modes: \(String(cString: strerror(errno)))")
        }
        self.modes = modes
        self.isUnicode = isUnicode
        setlocale(LC_CTYPE, isUnicode ? "C.UTF-8" : "C")
        let name = environment["TERM"] ?? ""
        let choices = Self.kinds(name, wantsTrueColor: ["truecolor", "24bit"].contains(environment["COLORTERM"] ?? ""))
        guard let found = choices.first(where: { xpm_take_terminal($0) != 0 }) else {
            throw WireError(
                .internalError,
                "cannot use the terminal '\(ForeignText.line(name))': ncurses knows no kind to take it for")
        }
        if found != name, !found.hasSuffix("-direct") {
            note =
                "the terminal '\(ForeignText.line(String(name.prefix(40))))' is unknown here; it is taken for '\(found)'"
        }
        let isPlain = !(environment["NO_COLOR"] ?? "").isEmpty
        if !isPlain, has_colors() {
            start_color()
            use_default_colors()
            colors = Int(xpm_color_count())
        } else {
            colors = 0
        }
        pairLimit = min(Int(xpm_pair_count()), 30_000)
        setModes()
        TerminalSignals.atCrash(descriptor, modes, write: Array((Self.mouseOff + Self.pasteOff + Self.usualEnd).utf8))
    }

    /// What ncurses is asked for, the best first.
    private static func kinds(_ name: String, wantsTrueColor: Bool) -> [String] {
        var kinds: [String] = []
        if wantsTrueColor {
            for family in ["xterm", "tmux", "konsole", "vte", "st", "foot", "alacritty", "kitty"]
            where name.hasPrefix(family) {
                kinds.append("\(family)-direct")
            }
        }
        return kinds + [name, "xterm-256color", "xterm", "vt100", "ansi", "dumb"].filter { !$0.isEmpty }
    }

    private func setModes() {
        raw()
        noecho()
        nonl()
        // Without these no input is drawn, and Ctrl+S and Ctrl+Q are keys like others.
        var now = termios()
        tcgetattr(descriptor, &now)
        now.c_iflag &= ~tcflag_t(IXON | IXOFF | ICRNL | INLCR | IGNCR)
        tcsetattr(descriptor, TCSANOW, &now)
        write(Self.pasteOn)
    }

    var size: (columns: Int, rows: Int) {
        var size = winsize()
        guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0 else {
            return (Int(xpm_columns()), Int(xpm_rows()))
        }
        return (min(Int(size.ws_col), 1000), min(Int(size.ws_row), 500))
    }

    /// Draws what differs from what is shown.
    func show(_ canvas: Canvas) {
        if canvas.columns != Int(xpm_columns()) || canvas.rows != Int(xpm_rows()) {
            resizeterm(Int32(canvas.rows), Int32(canvas.columns))
            shown = nil
        }
        let before = shown.flatMap { $0.columns == canvas.columns && $0.rows == canvas.rows ? $0 : nil }
        for row in 0..<canvas.rows {
            for column in 0..<canvas.columns {
                let cell = canvas[row, column]
                if cell.width == 0 || before?[row, column] == cell { continue }
                put(cell, row, column)
            }
        }
        if let (row, column) = canvas.cursor {
            xpm_move(Int32(row), Int32(min(column, canvas.columns - 1)))
            curs_set(1)
        } else {
            curs_set(0)
        }
        xpm_show()
        shown = canvas
    }

    private func put(_ cell: Cell, _ row: Int, _ column: Int) {
        var text = cell.text.unicodeScalars.map { wchar_t(bitPattern: $0.value) }
        // What the library takes for wider or narrower than it was laid out would move everything behind it.
        if text.isEmpty || Int(xpm_width(text[0])) != Int(cell.width) {
            text = Array(repeating: wchar_t(UInt8(ascii: "?")), count: 1)
            if cell.width == 2 { xpm_put_cell(Int32(row), Int32(column + 1), [32, 0], 0, 0) }
        } else {
            text = [text[0]] + text.dropFirst().filter { xpm_width($0) == 0 }.prefix(4)
        }
        var attributes: UInt32 = 0
        for (index, one) in [Look.Attributes.bold, .dim, .underline, .reverse].enumerated()
        where cell.look.attributes.contains(one) {
            attributes |= xpm_attribute(Int32(index))
        }
        xpm_put_cell(Int32(row), Int32(column), text + [0], attributes, pair(cell.look))
    }

    /// The number under which ncurses knows two colours.
    private func pair(_ look: Look) -> Int32 {
        guard colors >= 8, look.foreground != .standard || look.background != .standard else { return 0 }
        let (foreground, background) = (number(look.foreground), number(look.background))
        let key = Int64(foreground) << 32 | Int64(UInt32(bitPattern: background))
        if let known = pairs[key] { return known }
        guard pairs.count + 1 < pairLimit else { return 0 }
        let new = Int32(pairs.count + 1)
        guard init_extended_pair(new, foreground, background) != ERR else { return 0 }
        pairs[key] = new
        return new
    }

    private func number(_ color: Color) -> Int32 {
        if colors > 1 << 16 {
            switch color {
            case .standard: return -1
            case .palette(let number) where number < 8: return Int32(number)
            case .palette(let number):
                let (red, green, blue) = Color.components(number)
                return Int32(red) << 16 | Int32(green) << 8 | Int32(blue)
            case .rgb(let red, let green, let blue): return Int32(red) << 16 | Int32(green) << 8 | max(8, Int32(blue))
            }
        }
        return color.nearest(of: colors).map { Int32($0) } ?? -1
    }

    // MARK: Modes

    func setMouse(_ isOurs: Bool) {
        hasMouse = isOurs
        write(isOurs ? Self.mouseOn : Self.mouseOff)
    }

    /// Everything is drawn again, whatever others have written to the terminal.
    func redraw() {
        shown = nil
        xpm_forget_screen()
    }

    /// Gives the terminal back, for the time being.
    func leave() {
        if hasMouse { write(Self.mouseOff) }
        write(Self.pasteOff)
        endwin()
        var modes = modes
        tcsetattr(descriptor, TCSADRAIN, &modes)
    }

    /// Takes it again.
    func enter() {
        setModes()
        redraw()
        if hasMouse { write(Self.mouseOn) }
    }

    /// Bytes that ncurses has nothing for, after all that it has written.
    func write(_ text: String) {
        xpm_flush()
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(STDOUT_FILENO, $0.baseAddress, $0.count) }
            guard count > 0 || errno == EINTR else { return }
            rest = rest.dropFirst(max(count, 0))
        }
    }
}
