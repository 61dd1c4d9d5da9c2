import XPMClient
import XPMProtocol

extension MonitorState {
    /// Shows the logs of what is highlighted or marked.
    mutating func openLogs() -> [Effect] {
        if logs != nil { return closeLogs() }
        let meant = Array(meant.prefix(Self.mostLogs))
        guard !meant.isEmpty else { return nothingSelected() }
        inTable { table, _ in table.unmark() }
        return showLogs(LogQuery(services: meant))
    }

    /// More logs at once nobody reads, and each one is a request that waits.
    private static let mostLogs = 16

    private mutating func showLogs(_ query: LogQuery) -> [Effect] {
        logGeneration += 1
        var view = LogView(query, generation: logGeneration)
        if let before = logs {
            (view.streams, view.wraps, view.search, view.pattern) = (
                before.streams, before.wraps, before.search, before.pattern
            )
        }
        let reads = view.begin()
        logs = view
        return [.endLogs] + reads.map { .readLog($0) }
    }

    mutating func closeLogs() -> [Effect] {
        logs = nil
        logGeneration += 1
        return [.endLogs]
    }

    mutating func take(_ read: LogRead, _ answer: Result<ServiceLogs.Page, WireError>) -> [Effect] {
        guard var view = logs, view.generation == read.generation else { return [] }
        logs = nil
        defer { logs = view }
        return view.take(read, answer).map { .readLog($0) }
    }

    /// What keys do while logs are shown; nil for those that do there what they do elsewhere.
    mutating func performInLogs(_ action: Action) -> [Effect]? {
        guard var view = logs else { return nil }
        logs = nil
        var (notice, effects): (Notice?, [Effect]) = (nil, [])
        let (columns, height) = logTextSize(view)
        func scroll(_ rows: Int) {
            view.scroll(rows, columns: columns, height: height)
            if !view.follows, view.top.line <= view.buffer.first + height {
                effects += view.readOlder().map { .readLog($0) }
            }
        }
        switch action {
        case .up,
            .down where view.selection?.isWhole == true:
            let step = action == .up ? -1 : 1
            guard let selection = view.selection, selection.isWhole else { scroll(step); break }
            let line = min(max(selection.to.line + step, view.buffer.first), view.buffer.end - 1)
            view.selection?.to = LogView.Position(line: line, column: 0)
            let shown = view.layout(columns: columns, height: height, shows: view.shows).rows
            if let first = shown.first, let last = shown.last, line < first.line || line > last.line { scroll(step) }
        case .down: scroll(1)
        case .pageUp: scroll(-max(1, height - 1))
        case .pageDown: scroll(max(1, height - 1))
        case .first: scroll(-1_000_000)
        case .last: view.follows = true
        case .left: view.left = max(0, view.left - 16)
        case .right: view.left = min(view.left + 16, LogLine.limit)
        case .follow:
            if view.follows { scroll(-1) } else { view.follows = true }
            notice = Notice(
                text: view.follows ? "following new lines" : "not following; \(keymap.name(.follow)) follows again")
        case .wrap:
            (view.wraps, view.left) = (!view.wraps, 0)
            view.top.column = 0
        case .streams:
            let all = LogView.Streams.allCases
            view.streams = all[((all.firstIndex(of: view.streams) ?? 0) + 1) % all.count]
            view.searchAgain()
        case .nextMatch, .previousMatch: notice = go(to: action == .nextMatch, &view, columns, height)
        case .find, .onlyMatching, .range:
            let (purpose, text): (Prompt.Purpose, String) =
                switch action {
                case .find: (.search, view.search)
                case .range: (.range, view.query.range)
                default: (.onlyMatching, (view.query.isInverted ? "!" : "") + view.query.pattern)
                }
            overlay = .prompt(Prompt(purpose: purpose, text: text, before: text))
        case .select:
            let shown = view.layout(columns: columns, height: height, shows: view.shows).rows
            if view.selection != nil {
                view.selection = nil
            } else if let last = shown.last {
                let place = LogView.Position(line: last.line, column: 0)
                view.follows = false
                view.top = LogView.Position(line: shown.first?.line ?? last.line, column: 0)
                view.selection = (place, place, true)
                notice = Notice(
                    text: "\(keymap.name(.up)) and \(keymap.name(.down)) select, \(keymap.name(.copy)) copies")
            }
        case .copy:
            let shown = view.layout(columns: columns, height: height, shows: view.shows).rows
            if let selection = view.selection {
                effects.append(.copy(view.text(from: selection.from, to: selection.to, isWhole: selection.isWhole)))
                view.selection = nil
            } else if let first = shown.first, let last = shown.last {
                effects.append(
                    .copy(
                        view.text(
                            from: .init(line: first.line, column: 0), to: .init(line: last.line, column: 0),
                            isWhole: true)))
            }
        case .back where view.selection != nil: view.selection = nil
        case .back where self.notice == nil:
            logs = view
            return closeLogs()
        case .experiments, .services, .nextTab, .choose, .mark, .filterState, .sort, .detail: break
        default:
            logs = view
            return nil
        }
        logs = view
        if action == .back { self.notice = nil } else if let notice { self.notice = notice }
        return effects
    }

    private func go(to next: Bool, _ view: inout LogView, _ columns: Int, _ height: Int) -> Notice? {
        guard view.pattern != nil else { return Notice(text: "\(keymap.name(.find)) searches first") }
        let shown = view.layout(columns: columns, height: height, shows: view.shows).rows
        let here = view.match ?? (next ? (shown.first?.line ?? 0) - 1 : (shown.last?.line ?? 0) + 1)
        let found = next ? view.matches.first { $0 > here } : view.matches.last { $0 < here }
        guard let found else {
            return Notice(text: "no \(next ? "later" : "earlier") match in the lines that are read")
        }
        view.match = found
        view.reveal(found, columns: columns, height: height)
        return nil
    }

    // MARK: What was typed

    mutating func search(_ text: String) -> [Effect] {
        guard var view = logs else { return [] }
        logs = nil
        defer { logs = view }
        if let fault = view.search(text) {
            notice = Notice(text: "cannot search for '\(text)': \(fault)", isFailure: true)
        } else if !text.isEmpty {
            let (columns, height) = logTextSize(view)
            // The last one is nearest to what is seen.
            if let last = view.matches.last {
                view.match = last
                view.reveal(last, columns: columns, height: height)
            }
            notice = Notice(text: "\(view.matches.count) of \(view.buffer.lines.count) lines match")
        }
        return []
    }

    mutating func showOnlyMatching(_ text: String) -> [Effect] {
        guard var query = logs?.query else { return [] }
        query.isInverted = text.first == "!"
        query.pattern = query.isInverted ? String(text.dropFirst()) : text
        return showLogs(query)
    }

    mutating func showRange(_ text: String) -> [Effect] {
        guard var query = logs?.query else { return [] }
        guard TimeRange.parse(text, now: 0, zone: 0) != nil else {
            notice = Notice(text: "cannot read the time '\(text)': write 10m, 10:30 or 10:30..11:00", isFailure: true)
            return []
        }
        query.range = text
        return showLogs(query)
    }

    // MARK: The mouse

    mutating func pointInLogs(_ mouse: Mouse) -> [Effect] {
        switch mouse.deed {
        case .wheelUp, .wheelDown:
            return (0..<3).flatMap { _ in performInLogs(mouse.deed == .wheelUp ? .up : .down) ?? [] }
        case .press:
            guard let place = position(at: mouse) else { return [] }
            logs?.selection = (place, place, false)
        case .drag:
            if logs?.selection != nil, let place = position(at: mouse) { logs?.selection?.to = place }
        case .release:
            guard let selection = logs?.selection, !selection.isWhole else { return [] }
            logs?.selection = nil
            guard selection.from != selection.to,
                let text = logs?.text(from: selection.from, to: selection.to, isWhole: false), !text.isEmpty
            else { return [] }
            return [.copy(text)]
        }
        return []
    }

    /// The place in the text that the mouse is at.
    private func position(at mouse: Mouse) -> LogView.Position? {
        guard let logs else { return nil }
        for window in logWindows(logs) where (window.top..<(window.top + window.height)).contains(mouse.row) {
            guard (window.left..<(window.left + window.columns)).contains(mouse.column) else { continue }
            let prefix = logPrefix(logs)
            let rows = logs.layout(columns: window.columns - prefix, height: window.height, shows: window.shows).rows
            guard mouse.row - window.top < rows.count else { return nil }
            let row = rows[mouse.row - window.top]
            return LogView.Position(line: row.line, column: row.from + max(0, mouse.column - window.left - prefix))
        }
        return nil
    }
}
