import XPMProtocol

/// How the web page is, for people or as JSON.
struct WebStatusPage {
    var output: OutputFormat

    func show(_ web: WebRecord) throws {
        switch output {
        case .json: try StandardOutput.writeJSON(web)
        case .table: try StandardOutput.write(Self.text(web, now: .now))
        }
    }

    static func text(_ web: WebRecord, now: Timestamp) -> String {
        var table = Table()
        func add(_ label: String, _ value: String) { table.add([Table.Cell(label), Table.Cell(value)]) }
        let age = web.since.map { ", for \(Age.text(since: $0, now: now))" } ?? ""
        add("state", web.state.rawValue + age)
        if let url = web.url { add("url", url) }
        add("listens on", web.listen + (web.port.map { ":\($0)" } ?? ""))
        if web.pathMode { add("path mode", "on: services have no origins of their own") }
        if let pid = web.pid { add("pid", String(pid)) }
        if let error = web.error { add("error", error) }
        if let retry = web.retry { add("retry", retry.text(now: now)) }
        if web.isOutdated { add("program", Self.outdated) }
        if web.state == .stopped { add("", "`xpmctl web` starts it") }
        return table.text
    }

    /// One line for the daemon's page.
    static func line(_ web: WebRecord) -> String {
        let place = web.url ?? (web.state == .running ? web.listen : nil)
        return [web.state.rawValue, place, web.isOutdated ? outdated : nil].compactMap(\.self).joined(separator: ", ")
    }

    static let outdated =
        "another xpm-web is installed than the one that runs; `xpmctl web --off` and `xpmctl web` change to it"
}
