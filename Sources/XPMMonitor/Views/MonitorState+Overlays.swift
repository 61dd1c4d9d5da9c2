import XPMClient
import XPMProtocol

extension MonitorState {
    func drawOverlay(_ canvas: inout Canvas) {
        switch overlay {
        case nil, .prompt: break
        case .help(let top): draw("Keys", helpLines, top: top, hint: "\(keymap.name(.back)) closes", &canvas)
        case .page(let page): draw(page.title, page.lines, top: page.top, hint: "\(keymap.name(.back)) closes", &canvas)
        case .palette(let palette): draw(palette, &canvas)
        case .states(let selected): draw(stateAt: selected, &canvas)
        case .question(let services):
            let what = services.count == 1 ? services[0].fullName : "\(services.count) services"
            draw("Remove \(what)?", ["y  removes it, its logs stay", "n  keeps it"], top: 0, hint: "", &canvas)
        }
    }

    /// All keys, by what they do.
    var helpLines: [String] {
        Action.allCases.map { action in
            let keys = keymap[action].map(\.name).joined(separator: ", ")
            return keys + String(repeating: " ", count: max(1, 14 - keys.count)) + action.title
        }
    }

    /// A box in the middle, as large as it has to be.
    private func draw(
        _ title: String, _ lines: [String], top: Int, hint: String, selected: Int? = nil, _ canvas: inout Canvas
    ) {
        let wanted = max(
            TextWidth.of(title) + 4, lines.reduce(0) { max($0, TextWidth.of(clean($1))) } + 2, hint.count + 4)
        let width = min(columns, max(20, wanted + 2))
        let height = min(rows, lines.count + 2)
        let (left, above) = ((columns - width) / 2, max(0, (rows - height) / 2))
        let (line, corner) = isUnicode ? ("─", ["┌", "┐", "└", "┘", "│"]) : ("-", ["+", "+", "+", "+", "|"])
        for row in above..<(above + height) {
            canvas.fill(row: row, from: left, to: left + width)
            let isFirst = row == above
            guard isFirst || row == above + height - 1 else {
                canvas.put(corner[4], row: row, column: left, .dim)
                canvas.put(corner[4], row: row, column: left + width - 1, .dim)
                continue
            }
            let edge = String(repeating: line, count: max(0, width - 2))
            canvas.put(corner[isFirst ? 0 : 2] + edge + corner[isFirst ? 1 : 3], row: row, column: left, .dim)
        }
        canvas.put(" \(cut(title, to: width - 4)) ", row: above, column: left + 1, until: left + width - 1, .bold)
        if height > 2, !hint.isEmpty {
            canvas.put(" \(hint) ", row: above + height - 1, column: left + 1, until: left + width - 1, .dim)
        }
        for (index, text) in lines.dropFirst(top).prefix(max(0, height - 2)).enumerated() {
            canvas.put(cut(text, to: width - 4), row: above + 1 + index, column: left + 2)
            if index + top == selected {
                canvas.mark(row: above + 1 + index, from: left + 1, to: left + width - 1, .reverse)
            }
        }
    }

    private func draw(_ palette: Palette, _ canvas: inout Canvas) {
        let found = palette.found
        let height = max(1, rows - 6)
        let top = max(0, palette.selected - height + 1)
        let lines = found.map { action in
            "\(action.rawValue)  \(action.title)  \(keymap[action].first.map { "(\($0.name))" } ?? "")"
        }
        draw(
            ":\(palette.text)", Array(lines.prefix(top + height)), top: top, hint: "", selected: palette.selected,
            &canvas)
    }

    private func draw(stateAt selected: Int, _ canvas: inout Canvas) {
        guard let table else { return }
        var counts: [ServiceState: Int] = [:]
        let all = table.filter.run.map { model.services(of: $0) } ?? Array(model.services)
        var filter = table.filter
        filter.state = nil
        for service in all where filter.shows(service) { counts[service.record.state, default: 0] += 1 }
        let lines = Self.stateChoices.map { state in
            state.map { "\($0.rawValue)  \(counts[$0] ?? 0)" } ?? "all  \(counts.values.reduce(0, +))"
        }
        draw("State", lines, top: 0, hint: "", selected: selected, &canvas)
    }
}
