import XPMClient
import XPMProtocol

extension MonitorState {
    /// Shows or hides the details.
    mutating func toggleDetail() -> [Effect] {
        showsDetail.toggle()
        if !showsDetail {
            detail = nil
            return [.watchDetail(nil)]
        }
        return followDetail()
    }

    /// Keeps the details on what is highlighted. What has to be asked for waits until the highlight rests.
    mutating func followDetail() -> [Effect] {
        guard showsDetail else { return [] }
        let wanted = logs == nil ? table?.cursor.selected : nil
        guard detail?.service != wanted else { return [] }
        detail = wanted.map { Detail(service: $0) }
        return [.watchDetail(wanted)]
    }

    mutating func take(_ service: ServiceIdentity, _ facts: DetailFacts, at: Int64) {
        if detail?.service == service { detail?.take(facts, at: at) }
    }

    /// Where the details stand: beside the list where that leaves room for both, else below it, else in its place.
    var detailFrame: (left: Int, top: Int, columns: Int, height: Int)? {
        guard showsDetail, table != nil else { return nil }
        let space = rows - listTop - footerHeight - noticeHeight
        if columns >= 120 {
            let width = columns * 2 / 5
            return (columns - width, listTop - (listTop > 1 ? 1 : 0), width, space + (listTop > 1 ? 1 : 0))
        }
        guard rows >= 18 else { return (0, listTop, columns, max(1, space)) }
        let height = max(6, space / 2)
        return (0, rows - footerHeight - noticeHeight - height, columns, height)
    }

    /// The columns of the list.
    var listColumns: Int {
        guard let frame = detailFrame, frame.left > 0 else { return columns }
        return frame.left - 1
    }

    func drawDetail(_ canvas: inout Canvas) {
        guard let frame = detailFrame else { return }
        let (line, side) = isUnicode ? ("─", "│") : ("-", "|")
        for row in frame.top..<(frame.top + frame.height) {
            canvas.fill(row: row, from: frame.left, to: frame.left + frame.columns)
        }
        var top = frame.top
        if frame.left > 0 {
            for row in frame.top..<(frame.top + frame.height) {
                canvas.put(side, row: row, column: frame.left - 1, .dim)
            }
        } else {
            canvas.put(String(repeating: line, count: frame.columns), row: frame.top, column: 0, .dim)
            top += 1
        }
        for (index, (text, look)) in detailLines(columns: frame.columns - 1).prefix(frame.top + frame.height - top)
            .enumerated()
        {
            canvas.put(cut(text, to: frame.columns - 1), row: top + index, column: frame.left, look)
        }
    }

    private func detailLines(columns: Int) -> [(String, Look)] {
        guard let detail, let record = model[detail.service]?.record else { return [("no service is selected", .dim)] }
        var lines: [(String, Look)] = [(record.identity.fullName, .bold)]
        let attempt = record.attempt.map { ", attempt \($0)" } ?? ""
        let restarts = record.restarts.map { ", \($0) restarts" } ?? ""
        lines.append(("\(record.state.rawValue) since \(clock(record.since))\(attempt)\(restarts)", record.state.look))
        if let pid = record.pid { lines.append(("pid \(pid)\(record.port.map { ", port \($0)" } ?? "")", .plain)) }
        if let url = record.url { lines.append((url, .color(4, .underline))) }
        if let error = record.error { lines.append((error, .color(1))) }
        if let status = record.status { lines.append((status, .plain)) }
        for note in record.notes.prefix(3) { lines.append((note, .dim)) }
        lines += usage(detail, columns)
        guard let facts = detail.facts else { return lines + [("reading", .dim)] }
        if let fault = facts.fault { lines.append((fault, .color(1))) }
        func section(_ title: String, _ texts: [String]) {
            guard !texts.isEmpty else { return }
            lines.append((title, .dim))
            lines += texts.map { ("  \($0)", .plain) }
        }
        section("last lines", facts.tail)
        section("last changes", facts.transitions)
        section("definition", facts.definition)
        return lines
    }

    private func usage(_ detail: Detail, _ columns: Int) -> [(String, Look)] {
        guard let last = detail.samples.last else { return [] }
        var lines: [(String, Look)] = []
        let room = max(0, min(Detail.mostSamples, columns - 24))
        if let memory = last.memory {
            let graph = Graph.text(
                detail.samples.compactMap { $0.memory.map(Double.init) }, columns: room, isUnicode: isUnicode)
            lines.append((Self.padded("memory \(ByteCount.text(memory))", to: 22) + graph, .plain))
        }
        if let seconds = last.cpuSeconds {
            let graph = Graph.text(detail.samples.compactMap(\.cpuPercent), columns: room, isUnicode: isUnicode)
            let percent = last.cpuPercent.map { "\(Int($0.rounded())) %" } ?? "\(Int(seconds)) s"
            lines.append((Self.padded("CPU \(percent)", to: 22) + graph, .plain))
        }
        if let gpu = detail.facts?.gpuBytes { lines.append(("GPU memory \(ByteCount.text(gpu))", .plain)) }
        return lines
    }

    private static func padded(_ text: String, to width: Int) -> String {
        text + String(repeating: " ", count: max(1, width - TextWidth.of(text)))
    }
}
