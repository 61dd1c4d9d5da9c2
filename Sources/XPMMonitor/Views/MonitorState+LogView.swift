import XPMClient
import XPMProtocol

extension MonitorState {
    /// A part of the screen with lines of one stream, or of both.
    struct LogWindow {
        var left: Int
        var top: Int
        var columns: Int
        var height: Int
        var shows: @Sendable (LogLine) -> Bool
        var title: String?
    }

    /// Rows between the title and what is at the bottom.
    private var logHeight: Int { max(1, rows - 1 - footerHeight - noticeHeight) }

    func logWindows(_ view: LogView) -> [LogWindow] {
        guard view.streams == .apart else {
            let streams = view.streams
            return [
                LogWindow(
                    left: 0, top: 1, columns: columns, height: logHeight,
                    shows: { line in
                        streams == .both || (streams == .stdout) == (line.stream == .stdout)
                    })
            ]
        }
        let (out, err): (@Sendable (LogLine) -> Bool, @Sendable (LogLine) -> Bool) = (
            { $0.stream == .stdout }, { $0.stream == .stderr }
        )
        if columns >= 100 {
            let half = (columns - 1) / 2
            return [
                LogWindow(left: 0, top: 2, columns: half, height: max(1, logHeight - 1), shows: out, title: "stdout"),
                LogWindow(
                    left: half + 1, top: 2, columns: columns - half - 1, height: max(1, logHeight - 1), shows: err,
                    title: "stderr"),
            ]
        }
        let half = max(1, (logHeight - 2) / 2)
        return [
            LogWindow(left: 0, top: 2, columns: columns, height: half, shows: out, title: "stdout"),
            LogWindow(
                left: 0, top: half + 3, columns: columns, height: max(1, logHeight - half - 2), shows: err,
                title: "stderr"),
        ]
    }

    /// Columns before each line for the name of its service.
    func logPrefix(_ view: LogView) -> Int {
        guard view.sources.count > 1 else { return 0 }
        return min(view.query.services.reduce(0) { max($0, TextWidth.of(clean($1.id))) }, max(4, columns / 4)) + 2
    }

    /// The size of the text that scrolling goes by.
    func logTextSize(_ view: LogView) -> (columns: Int, height: Int) {
        let window = logWindows(view)[0]
        return (max(1, window.columns - logPrefix(view)), window.height)
    }

    func drawLogs(_ view: LogView, _ canvas: inout Canvas) {
        drawLogTitle(view, &canvas)
        let prefix = logPrefix(view)
        for window in logWindows(view) {
            if let title = window.title { canvas.put(title, row: window.top - 1, column: window.left, .dim) }
            let rows = view.layout(columns: window.columns - prefix, height: window.height, shows: window.shows).rows
            for (index, row) in rows.enumerated() { draw(row, view, window, prefix, window.top + index, &canvas) }
            if rows.isEmpty, window.title == nil { canvas.put(logEmptiness(view), row: window.top, column: 1, .dim) }
        }
    }

    private func logEmptiness(_ view: LogView) -> String {
        if let fault = view.sources.compactMap(\.fault).first { return cut(fault, to: columns - 2) }
        if view.sources.contains(where: { $0.cursor == nil }) { return "reading" }
        return view.query.pattern.isEmpty && view.query.range.isEmpty ? "nothing is written yet" : "no line matches"
    }

    private func drawLogTitle(_ view: LogView, _ canvas: inout Canvas) {
        canvas.fill(row: 0, .reverse)
        var column = 1
        func put(_ text: String, _ look: Look = .reverse) {
            column = canvas.put(clean(text), row: 0, column: column, until: columns, look) + 1
        }
        if view.query.services.count == 1, let service = model[view.query.services[0]]?.record {
            put(service.identity.id, Look(attributes: [.reverse, .bold]))
            put("\(service.state.icon(isUnicode: isUnicode)) \(service.state.rawValue)")
        } else {
            put("\(view.query.services.count) logs", Look(attributes: [.reverse, .bold]))
        }
        let match = view.matches.firstIndex { $0 == view.match }.map { "\($0 + 1)/" } ?? ""
        var facts = [String]()
        switch view.streams {
        case .both: break
        case .stdout: facts.append("stdout")
        case .stderr: facts.append("stderr")
        case .apart: facts.append("apart")
        }
        facts.append(
            view.follows ? "follows" : "line \(view.top.line - view.buffer.first + 1) of \(view.buffer.lines.count)")
        if view.wraps { facts.append("wrapped") }
        if view.left > 0 { facts.append("from column \(view.left + 1)") }
        if !view.query.pattern.isEmpty {
            facts.append("only \(view.query.isInverted ? "without " : "")'\(view.query.pattern)'")
        }
        if !view.query.range.isEmpty { facts.append(view.query.range) }
        if !view.search.isEmpty { facts.append("/\(view.search): \(match)\(view.matches.count)") }
        if case .reconnecting = model.connection { facts.append("reconnecting") }
        put(facts.joined(separator: isUnicode ? " · " : ", "))
    }

    private func draw(
        _ row: LogLayout.Row, _ view: LogView, _ window: LogWindow, _ prefix: Int, _ place: Int, _ canvas: inout Canvas
    ) {
        guard let line = view.buffer[row.line] else { return }
        let end = window.left + window.columns
        if prefix > 0, row.from == 0 || !view.wraps {
            let name = cut(view.query.services[line.source].id, to: prefix - 2)
            canvas.put(name, row: place, column: window.left, until: end, .color(UInt8(line.source % 6 + 1)))
        }
        let start = window.left + prefix
        var column = 0
        for span in line.spans {
            let width = TextWidth.of(span.text)
            defer { column += width }
            guard column + width > row.from, column < row.to else { continue }
            let part = LogView.columns(max(0, row.from - column), max(0, row.to - column), of: span.text)
            let look =
                line.stream == .stderr && span.look == .plain && view.streams == .both ? Look.color(3) : span.look
            canvas.put(
                isUnicode ? part : clean(part), row: place, column: start + max(0, column - row.from), until: end, look)
        }
        mark(line, row, view, start, end, place, &canvas)
    }

    /// Matches, and what is selected.
    private func mark(
        _ line: LogLine, _ row: LogLayout.Row, _ view: LogView, _ start: Int, _ end: Int, _ place: Int,
        _ canvas: inout Canvas
    ) {
        func mark(_ from: Int, _ to: Int, _ attributes: Look.Attributes) {
            guard to > row.from, from < row.to else { return }
            canvas.mark(
                row: place, from: start + max(0, from - row.from), to: min(end, start + to - row.from), attributes)
        }
        if view.pattern != nil {
            let text = Array(line.text.utf8)
            for hit in view.hits(in: line) {
                let from = TextWidth.of(String(decoding: text[..<hit.lowerBound], as: UTF8.self))
                let width = TextWidth.of(String(decoding: text[hit], as: UTF8.self))
                mark(from, from + width, row.line == view.match ? [.reverse, .bold] : [.reverse])
            }
        }
        if let selection = view.selection {
            let (first, last) =
                selection.from <= selection.to ? (selection.from, selection.to) : (selection.to, selection.from)
            guard (first.line...last.line).contains(row.line) else { return }
            mark(
                !selection.isWhole && row.line == first.line ? first.column : 0,
                !selection.isWhole && row.line == last.line ? last.column + 1 : row.to, [.reverse])
        }
    }
}
