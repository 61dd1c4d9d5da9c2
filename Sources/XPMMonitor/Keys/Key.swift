/// A key as it was pressed.
enum Key: Hashable, Sendable {
    case character(Character)
    /// With Ctrl, a lower-case letter or one of `@ [ \ ] ^ _`.
    case control(Character)
    case up, down, left, right, pageUp, pageDown, home, end
    case enter, escape, tab, backTab, backspace, delete
    /// Any other, which means nothing here.
    case unknown
}

extension Key {
    /// Names by which keys are written in settings and help.
    private static let names: [(String, Key)] = [
        ("Space", .character(" ")), ("Up", .up), ("Down", .down), ("Left", .left), ("Right", .right),
        ("PgUp", .pageUp), ("PgDn", .pageDown), ("Home", .home), ("End", .end), ("Enter", .enter), ("Esc", .escape),
        ("Tab", .tab), ("Shift+Tab", .backTab), ("Backspace", .backspace), ("Delete", .delete),
    ]

    /// As it is written in help: `Ctrl+S`, `Space`, `j`.
    var name: String {
        switch self {
        case .control(let letter): "Ctrl+\(letter.uppercased())"
        case .character(let character) where character != " ": String(character)
        default: Self.names.first { $0.1 == self }?.0 ?? "?"
        }
    }

    /// A key by its name; upper and lower case of names are the same, of characters not.
    init?(named name: String) {
        let lower = name.lowercased()
        if let known = Self.names.first(where: { $0.0.lowercased() == lower }) {
            self = known.1
        } else if lower.hasPrefix("ctrl+"), let letter = lower.last, lower.count == 6, ("a"..."z").contains(letter) {
            // These bytes are those of other keys.
            guard !["h", "i", "j", "m"].contains(letter) else { return nil }
            self = .control(letter)
        } else if name.count == 1, let character = name.first, character != " " {
            self = .character(character)
        } else {
            return nil
        }
    }
}

/// What a terminal sends.
enum Input: Hashable, Sendable {
    case key(Key)
    /// Text that was pasted, which is no key press.
    case paste(String)
    case mouse(Mouse)
}

/// What the mouse did, at a place of the screen counted from 0.
struct Mouse: Hashable, Sendable {
    enum Deed: Hashable, Sendable { case press, drag, release, wheelUp, wheelDown }
    var deed: Deed
    var row: Int
    var column: Int
}
