import XPMClient
import XPMProtocol

extension MonitorState {
    /// Tabs and the names of the columns are above the list.
    var listTop: Int { rows >= 6 ? 2 : 1 }

    /// The line of keys is below it, with notices before it.
    var listHeight: Int {
        let space = rows - listTop - footerHeight - noticeHeight
        guard let frame = detailFrame, frame.left == 0 else { return max(1, space) }
        return max(1, space - frame.height)
    }

    var footerHeight: Int { rows >= 4 ? 1 : 0 }

    var noticeHeight: Int {
        guard let notice else { return 0 }
        return min(1 + notice.lines.count, max(0, rows - listTop - footerHeight - 3))
    }

    /// Brings what is highlighted into sight.
    mutating func reveal() {
        let height = listHeight
        if table != nil {
            inTable { $0.cursor.reveal($0.selectedIndex($1), count: $0.rows.count, height: height) }
        } else {
            runs.cursor.reveal(runs.selectedIndex, count: runs.rows.count, height: height)
        }
    }

    /// The tabs with the columns that they begin and end at.
    var tabs: [(title: String, action: Action, start: Int, end: Int)] {
        let narrow = columns < 50
        let titles = [
            (narrow ? "Exp" : "Experiments", Action.experiments),
            ((narrow ? "Svc" : "Services") + (running > 0 ? " (\(running))" : ""), Action.services),
        ]
        var (column, result) = (0, [(title: String, action: Action, start: Int, end: Int)]())
        for (title, action) in titles {
            let text = " \(keymap.name(action)) \(title) "
            result.append((text, action, column, column + text.count))
            column += text.count
        }
        return result
    }

    func tab(at column: Int) -> Action? { tabs.first { $0.start <= column && column < $0.end }?.action }

    /// The screen as it is now.
    func draw() -> Canvas {
        var canvas = Canvas(columns: columns, rows: rows)
        if let logs {
            drawLogs(logs, &canvas)
        } else {
            drawTabs(&canvas)
            if table != nil { drawServices(&canvas) } else { drawRuns(&canvas) }
            drawDetail(&canvas)
        }
        drawNotice(&canvas)
        drawFooter(&canvas)
        drawOverlay(&canvas)
        return canvas
    }

    private func drawTabs(_ canvas: inout Canvas) {
        var column = 0
        for tab in tabs {
            let isActive = (tab.action == .services) == (self.tab == .services)
            column = canvas.put(
                tab.title, row: 0, column: tab.start, isActive ? Look(attributes: [.bold, .reverse]) : .plain)
        }
        let (text, look) = connection
        let start = max(column + 1, columns - TextWidth.of(text) - 1)
        if tab == .experiments, let run = openRun?.filter.run {
            canvas.put(
                clean(" \(isUnicode ? "›" : ">") \(run.experiment)@\(run.run)"), row: 0, column: column,
                until: start - 1, .bold)
        }
        canvas.put(text, row: 0, column: start, look)
    }

    private var connection: (String, Look) {
        switch model.connection {
        case .live: ("", .plain)
        case .connecting: ("connecting", .color(3))
        case .reconnecting: ("reconnecting", .color(3, .bold))
        }
    }

    private func drawNotice(_ canvas: inout Canvas) {
        guard let notice, noticeHeight > 0 else { return }
        let top = rows - footerHeight - noticeHeight
        canvas.put(
            clean((notice.isFailure ? "! " : "") + notice.text), row: top, column: 0,
            notice.isFailure ? .color(1, .bold) : .bold)
        for (index, line) in notice.lines.prefix(noticeHeight - 1).enumerated() {
            canvas.put(clean("  \(line)"), row: top + 1 + index, column: 0, .dim)
        }
    }

    private func drawFooter(_ canvas: inout Canvas) {
        guard footerHeight > 0 else { return }
        let row = rows - 1
        if case .prompt(let prompt) = overlay {
            let column = canvas.put(clean(prompt.purpose.sign + prompt.text), row: row, column: 0, until: columns - 1)
            canvas.cursor = (row, column)
            return
        }
        var hints: [(Action, String)] = [
            (.start, "start"), (.stop, "stop"), (.logs, "logs"), (.find, "filter"), (.commands, "commands"),
            (.help, "keys"),
            (.quit, "quit"),
        ]
        if table == nil {
            hints = [
                (.choose, "services"), (.find, "filter"), (.commands, "commands"), (.help, "keys"), (.quit, "quit"),
            ]
        }
        if logs != nil {
            hints = [
                (.back, "back"), (.find, "search"), (.onlyMatching, "only"), (.follow, "follow"), (.wrap, "wrap"),
                (.streams, "streams"), (.copy, "copy"), (.help, "keys"),
            ]
        }
        let shown =
            logs != nil
            ? ""
            : table.map { table in
                (table.filter.text.isEmpty ? "" : "/\(table.filter.text) ")
                    + (table.filter.state.map { "\($0.rawValue) " } ?? "")
                    + (table.marks.isEmpty ? "" : "\(table.marks.count) marked ")
            } ?? (runs.text.isEmpty ? "" : "/\(runs.text) ")
        var column = canvas.put(clean(shown), row: row, column: 0, .color(3))
        for (action, word) in hints {
            let text = "\(keymap.name(action)) \(word)"
            guard column + text.count <= columns else { break }
            column = canvas.put(keymap.name(action), row: row, column: column, .bold)
            column = canvas.put(" \(word)  ", row: row, column: column, .dim)
        }
    }

    /// Text of others, as it may be shown here.
    func clean(_ text: String) -> String {
        let line = ForeignText.line(text)
        guard !isUnicode else { return line }
        return String(String.UnicodeScalarView(line.unicodeScalars.map { $0.isASCII ? $0 : "?" }))
    }

    func clock(_ moment: Timestamp) -> String { LocalTime.text(moment, zone: zone) }

    func cut(_ text: String, to width: Int) -> String {
        TextWidth.cut(clean(text), to: width, ellipsis: isUnicode ? "…" : "~")
    }
}
