import XPMClient
import XPMProtocol

extension ServiceState {
    /// A sign of one column, beside the word.
    func icon(isUnicode: Bool) -> String {
        switch self {
        case .stopped: isUnicode ? "○" : "."
        case .starting: isUnicode ? "◔" : "+"
        case .running: isUnicode ? "●" : "*"
        case .stopping: isUnicode ? "◑" : "-"
        case .error: isUnicode ? "✗" : "!"
        }
    }

    var look: Look {
        switch self {
        case .stopped: .dim
        case .starting, .stopping: .color(3)
        case .running: .color(2)
        case .error: .color(1, .bold)
        }
    }
}

extension MonitorState {
    func drawServices(_ canvas: inout Canvas) {
        guard let table else { return }
        let shown = Array(table.rows.dropFirst(table.cursor.top).prefix(listHeight))
        let layout = ServiceColumns(
            columns: listColumns, shown: shown.map(\.record), hasExperiment: table.filter.run == nil
        ) {
            id($0, in: table)
        }
        if listTop > 1 { drawHeads(layout, &canvas) }
        if table.rows.isEmpty { canvas.put(emptiness(of: table), row: listTop, column: 1, .dim) }
        for (index, service) in shown.enumerated() {
            let row = listTop + index
            draw(service.record, layout, table, row: row, &canvas)
            if service.identity == table.cursor.selected { canvas.mark(row: row, to: listColumns, .reverse) }
        }
    }

    private func emptiness(of table: ServiceTable) -> String {
        if !wasLive { return "connecting to xpmd" }
        if !table.filter.text.isEmpty || table.filter.state != nil {
            return "nothing matches; \(keymap.name(.back)) shows all"
        }
        return table.filter.run == nil ? "nothing runs" : "this run has no services"
    }

    private func drawHeads(_ layout: ServiceColumns, _ canvas: inout Canvas) {
        for (head, column) in [
            ("ID", layout.id), ("EXPERIMENT", layout.experiment), ("STATE", layout.state),
            ("DESCRIPTION", layout.description),
            ("URL", layout.url),
        ] where column.width > 0 {
            canvas.put(cut(head, to: column.width), row: listTop - 1, column: column.start, .dim)
        }
    }

    private func draw(
        _ record: ServiceRecord, _ layout: ServiceColumns, _ table: ServiceTable, row: Int, _ canvas: inout Canvas
    ) {
        if table.marks.contains(record.identity) { canvas.put("+", row: row, column: 0, .color(6, .bold)) }
        func put(_ text: String, _ column: ServiceColumns.Column, _ look: Look) {
            if column.width > 0 { canvas.put(cut(text, to: column.width), row: row, column: column.start, look) }
        }
        put(id(record, in: table), layout.id, .plain)
        put("\(record.identity.run.experiment)@\(record.identity.run.run)", layout.experiment, .plain)
        put("\(record.state.icon(isUnicode: isUnicode)) \(record.state.rawValue)", layout.state, record.state.look)
        put(record.description, layout.description, .plain)
        let trouble =
            record.state == .error || record.url == nil
            ? record.error ?? record.retry.map { "restart \($0.number) is due" } : nil
        if let trouble {
            put("\(isUnicode ? "⚠" : "!") \(trouble)", layout.url, .color(1))
        } else if record.isSuspended {
            put("suspended by a signal", layout.url, .color(3))
        } else if let url = record.url {
            put(url, layout.url, .color(4, .underline))
        } else if let waiting = record.waitingFor {
            put("waiting for \(waiting)", layout.url, .dim)
        }
    }

    /// A sub-service stands below what it is a part of, as far as the order allows.
    private func id(_ record: ServiceRecord, in table: ServiceTable) -> String {
        guard table.order == .added, let slash = record.identity.id.firstIndex(of: "/") else {
            return record.identity.id
        }
        let name = record.identity.id[record.identity.id.index(after: slash)...]
        return (isUnicode ? "  ↳ " : "  - ") + name
    }

    // MARK: Runs

    func drawRuns(_ canvas: inout Canvas) {
        let shown = runs.rows.dropFirst(runs.cursor.top).prefix(listHeight).compactMap { model.run($0) }
        let name = min(
            max(10, shown.map { TextWidth.of(clean($0.identity.experiment)) }.max() ?? 0), max(8, columns / 3))
        let run = min(max(3, shown.map { TextWidth.of(clean($0.identity.run)) }.max() ?? 0), 16)
        if listTop > 1 {
            canvas.put("EXPERIMENT", row: listTop - 1, column: 1, until: name + 1, .dim)
            canvas.put("RUN", row: listTop - 1, column: name + 3, .dim)
            canvas.put("SERVICES", row: listTop - 1, column: name + run + 5, .dim)
        }
        if shown.isEmpty {
            canvas.put(
                !wasLive ? "connecting to xpmd" : runs.text.isEmpty ? "there is no experiment" : "nothing matches",
                row: listTop, column: 1, .dim)
        }
        var last: ExperimentIdentity?
        for (index, summary) in shown.enumerated() {
            let row = listTop + index
            let owner = summary.identity.owner
            canvas.put(
                cut(summary.identity.experiment, to: name), row: row, column: 1, owner == last ? .dim : .bold)
            canvas.put(cut(summary.identity.run, to: run), row: row, column: name + 3)
            var column = drawCounts(summary.counts, row: row, column: name + run + 5, &canvas)
            if let record = summary.record, record.status != .open || record.isGone {
                column = canvas.put(
                    "  " + (record.isGone ? "gone" : record.status.rawValue), row: row, column: column,
                    record.status == .failed ? .color(1) : .dim)
            }
            last = owner
            if summary.identity == runs.cursor.selected { canvas.mark(row: row, .reverse) }
        }
    }

    /// `● 2  ✗ 1`: how many services are in each state, none for none.
    private func drawCounts(_ counts: StateCounts, row: Int, column: Int, _ canvas: inout Canvas) -> Int {
        var column = column
        if counts.total == 0 { return canvas.put("none", row: row, column: column, .dim) }
        for state in [ServiceState.running, .error, .starting, .stopping, .stopped] where counts[state] > 0 {
            let word = columns >= 70 ? " \(state.rawValue.lowercased())" : ""
            column = canvas.put(
                "\(state.icon(isUnicode: isUnicode)) \(counts[state])\(word)  ", row: row, column: column, state.look)
        }
        return column
    }
}
