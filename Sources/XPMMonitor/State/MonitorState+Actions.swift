import XPMClient
import XPMProtocol

extension MonitorState {
    /// The services that an action means: those that are marked, or the one that is highlighted.
    var meant: [ServiceIdentity] {
        if let logs { return logs.query.services }
        guard let table else { return [] }
        if !table.marks.isEmpty { return table.rows.map(\.identity).filter(table.marks.contains) }
        return table.cursor.selected.map { [$0] } ?? []
    }

    /// The list of services that is shown, where it is one.
    var table: ServiceTable? { tab == .services ? everything : openRun }

    /// Changes that list, where there is one.
    mutating func inTable(_ body: (inout ServiceTable, MirrorModel) -> Void) {
        let model = model
        guard tab != .services else { return body(&everything, model) }
        guard var table = openRun else { return }
        openRun = nil
        body(&table, model)
        openRun = table
    }

    /// The highlighted service, as it is now.
    var selected: ServiceRecord? {
        if let logs { return logs.query.services.count == 1 ? model[logs.query.services[0]]?.record : nil }
        return table?.selected(model)?.record
    }

    mutating func perform(_ action: Action) -> [Effect] {
        if let effects = performInLogs(action) { return effects }
        switch action {
        case .start: return ask(.start)
        case .stop: return ask(.stop)
        case .restart: return ask(.restart)
        case .remove: return askForRemoval()
        case .copyURL: return withURL { .copy($0) }
        case .open: return withURL { .open($0) }
        case .mark:
            inTable { table, _ in table.toggleMark() }
            return perform(.down)
        case .find: beginFilter()
        case .filterState: if table != nil { overlay = .states(selected: 0) }
        case .sort:
            if let next = table?.order.next {
                inTable { $0.sort(by: next, $1) }
                notice = Notice(text: "sorted by \(next.rawValue)")
            }
        case .experiments: tab = .experiments
        case .services: tab = .services
        case .nextTab: tab = tab == .experiments ? .services : .experiments
        case .up: move(.up)
        case .down: move(.down)
        case .pageUp: move(.pageUp)
        case .pageDown: move(.pageDown)
        case .first: move(.first)
        case .last: move(.last)
        case .choose: choose()
        case .back: goBack()
        case .mouse:
            hasMouse.toggle()
            notice = Notice(text: hasMouse ? "the mouse is the monitor's" : "the mouse is the terminal's")
            return [.mouse(hasMouse)]
        case .commands: overlay = .palette(Palette())
        case .help: overlay = .help(top: 0)
        case .redraw: return [.redraw]
        case .suspend: return [.suspend]
        case .quit: return [.quit]
        case .logs: return openLogs()
        case .detail: return toggleDetail()
        case .why:
            guard let selected else { return nothingSelected() }
            return [.explain(selected.identity)]
        case .left, .right, .follow, .wrap, .streams, .nextMatch, .previousMatch, .onlyMatching,
            .range, .select, .copy:
            notice = Notice(text: "\(action.rawValue) is for logs; \(keymap.name(.logs)) shows them")
        }
        return []
    }

    private mutating func ask(_ verb: Request.Verb) -> [Effect] {
        let meant = meant
        guard !meant.isEmpty else { return nothingSelected() }
        for identity in meant { awaited[identity] = verb }
        inTable { table, _ in table.unmark() }
        let what = meant.count == 1 ? meant[0].id : "\(meant.count) services"
        notice = Notice(text: "asked to \(verb.rawValue) \(what)")
        return meant.map { .ask(Request(verb: verb, service: $0)) }
    }

    private mutating func askForRemoval() -> [Effect] {
        guard !meant.isEmpty else { return nothingSelected() }
        overlay = .question(meant)
        return []
    }

    /// After the question.
    mutating func remove(_ services: [ServiceIdentity]) -> [Effect] {
        overlay = nil
        inTable { table, _ in table.unmark() }
        return services.map { .ask(Request(verb: .remove, service: $0)) }
    }

    private mutating func withURL(_ effect: (String) -> Effect) -> [Effect] {
        guard let selected else { return nothingSelected() }
        guard let url = selected.url, Self.isWeb(url) else {
            notice = Notice(
                text: "\(selected.identity.id) has no URL\(selected.state == .running ? "" : "; start it first")")
            return []
        }
        return [effect(url)]
    }

    /// Only what a browser may be given: no option of a program, no file, no control character.
    private static func isWeb(_ url: String) -> Bool {
        (url.hasPrefix("http://") || url.hasPrefix("https://"))
            && url.unicodeScalars.allSatisfy { $0.value > 0x20 && !ForeignText.isControl($0) }
    }

    mutating func nothingSelected() -> [Effect] {
        notice = Notice(
            text: table == nil ? "choose a run first: \(keymap.name(.choose))" : "no service is selected")
        return []
    }

    mutating func move(_ move: Move) {
        let page = max(1, listHeight - 1)
        if table != nil { inTable { $0.move(move, page: page, $1) } } else { runs.move(move, page: page) }
    }

    mutating func choose() {
        guard tab == .experiments, openRun == nil, let run = runs.cursor.selected else { return }
        var table = ServiceTable(ServiceFilter(run: run))
        table.rebuild(model)
        table.selectFirst()
        openRun = table
    }

    /// One step back: the notice, what is filtered, the run.
    private mutating func goBack() {
        if notice != nil {
            notice = nil
        } else if let table, !table.marks.isEmpty {
            inTable { table, _ in table.unmark() }
        } else if let filter = table?.filter, !filter.text.isEmpty || filter.state != nil {
            inTable { $0.show({ ($0.text, $0.state) = ("", nil) }, $1) }
        } else if table == nil, !runs.text.isEmpty {
            runs.filter("", model)
        } else if tab == .experiments {
            openRun = nil
        }
    }

    private mutating func beginFilter() {
        let text = table?.filter.text ?? runs.text
        overlay = .prompt(Prompt(purpose: .filter, text: text, before: text))
    }

    mutating func filter(_ text: String) {
        if table != nil { inTable { $0.show({ $0.text = text }, $1) } } else { runs.filter(text, model) }
    }
}
