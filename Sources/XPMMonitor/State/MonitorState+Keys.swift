import XPMClient
import XPMProtocol

extension MonitorState {
    /// The longest text that may be typed.
    static let typedLimit = 200

    mutating func press(_ key: Key) -> [Effect] {
        guard let overlay else { return keymap[key].map { perform($0) } ?? [] }
        // Whatever is open: these end or suspend the program.
        if key == .control("c") { return [.quit] }
        if key == .control("z") { return [.suspend] }
        switch overlay {
        case .help(let top):
            if let top = scrolled(top, by: key, count: helpLines.count) { self.overlay = .help(top: top) }
        case .page(var page):
            if let top = scrolled(page.top, by: key, count: page.lines.count) {
                page.top = top
                self.overlay = .page(page)
            }
        case .palette(let palette): return press(key, palette)
        case .prompt(let prompt): return press(key, prompt)
        case .states(let selected): press(key, stateAt: selected)
        case .question(let services):
            if key == .character("y") { return remove(services) }
            if key == .character("n") || key == .escape { self.overlay = nil }
        }
        return []
    }

    /// Pasted text goes where text is typed, and nowhere else.
    mutating func paste(_ text: String) -> [Effect] {
        let line = String(
            String.UnicodeScalarView(text.unicodeScalars.filter { !ForeignText.isControl($0) }.prefix(Self.typedLimit)))
        switch overlay {
        case .prompt(var prompt):
            prompt.text = String((prompt.text + line).prefix(Self.typedLimit))
            typed(prompt)
        case .palette(var palette):
            palette = Palette(text: String((palette.text + line).prefix(Self.typedLimit)))
            overlay = .palette(palette)
        default:
            notice = Notice(text: "pasted text is left out: \(keymap.name(.find)) takes it")
        }
        return []
    }

    /// The new first line of a text that is read; nil where the text was closed.
    private mutating func scrolled(_ top: Int, by key: Key, count: Int) -> Int? {
        let height = max(1, rows - 4)
        let most = max(0, count - height)
        switch keymap[key] {
        case .up: return max(0, top - 1)
        case .down: return min(most, top + 1)
        case .pageUp: return max(0, top - height)
        case .pageDown: return min(most, top + height)
        case .first: return 0
        case .last: return most
        case .back, .quit, .help, .choose:
            overlay = nil
            return nil
        default: return top
        }
    }

    private mutating func press(_ key: Key, _ palette: Palette) -> [Effect] {
        var palette = palette
        switch key {
        case .escape:
            overlay = nil
            return []
        case .enter:
            overlay = nil
            let found = palette.found
            return palette.selected < found.count ? perform(found[palette.selected]) : []
        case .up: palette.selected = max(0, palette.selected - 1)
        case .down: palette.selected = min(max(0, palette.found.count - 1), palette.selected + 1)
        default:
            guard let text = Self.edited(palette.text, by: key) else { return [] }
            palette = Palette(text: text)
        }
        overlay = .palette(palette)
        return []
    }

    private mutating func press(_ key: Key, _ prompt: Prompt) -> [Effect] {
        var prompt = prompt
        switch key {
        case .enter:
            overlay = nil
            switch prompt.purpose {
            case .filter: break
            case .search: return search(prompt.text)
            case .onlyMatching: return showOnlyMatching(prompt.text)
            case .range: return showRange(prompt.text)
            }
        case .escape:
            prompt.text = prompt.before
            typed(prompt)
            overlay = nil
        default:
            guard let text = Self.edited(prompt.text, by: key) else { break }
            prompt.text = text
            typed(prompt)
        }
        return []
    }

    private mutating func typed(_ prompt: Prompt) {
        overlay = .prompt(prompt)
        if prompt.purpose == .filter { filter(prompt.text) }
    }

    /// The states to choose from, with all of them first.
    static let stateChoices: [ServiceState?] = [nil] + ServiceState.allCases

    private mutating func press(_ key: Key, stateAt selected: Int) {
        let choices = Self.stateChoices
        switch key {
        case .up, .character("k"): overlay = .states(selected: max(0, selected - 1))
        case .down, .character("j"): overlay = .states(selected: min(choices.count - 1, selected + 1))
        case .enter:
            overlay = nil
            inTable { $0.show({ $0.state = choices[selected] }, $1) }
        case .escape: overlay = nil
        default: break
        }
    }

    /// A line of text after a key; nil where the key means nothing there.
    static func edited(_ text: String, by key: Key) -> String? {
        switch key {
        case .character(let character): text.count < typedLimit ? text + String(character) : text
        case .backspace: String(text.dropLast())
        case .control("u"): ""
        default: nil
        }
    }

    // MARK: The mouse

    mutating func point(_ mouse: Mouse) -> [Effect] {
        if logs != nil, overlay == nil { return pointInLogs(mouse) }
        switch mouse.deed {
        case .wheelUp, .wheelDown:
            for _ in 0..<3 {
                if overlay == nil {
                    move(mouse.deed == .wheelUp ? .up : .down)
                } else {
                    _ = press(mouse.deed == .wheelUp ? .up : .down)
                }
            }
        case .press where overlay == nil:
            if mouse.row == 0 { return tab(at: mouse.column).map { perform($0) } ?? [] }
            let place = mouse.row - listTop
            if (0..<listHeight).contains(place) { click(place) }
        case .press, .drag, .release: break
        }
        return []
    }

    /// A click selects; on what is selected already it opens it.
    private mutating func click(_ place: Int) {
        if let table {
            let index = table.cursor.top + place
            if index < table.rows.count { inTable { shown, _ in shown.cursor.select(table.rows[index].identity) } }
        } else {
            let index = runs.cursor.top + place
            guard index < runs.rows.count else { return }
            if runs.cursor.selected == runs.rows[index] { choose() } else { runs.cursor.select(runs.rows[index]) }
        }
    }
}
