import XPMProtocol

/// Prints the lines of one service's pages, with what there is to tell of attempts and of lines that are gone.
///
/// On a terminal that stands between the lines. Elsewhere standard output has lines only, and what is missing is told on standard error.
final class PagePrinter {
    /// How lines are printed.
    enum Form {
        case text(LogPrinter)
        /// An object for each.
        case json
    }

    private let form: Form
    /// The service's full name.
    private let name: String
    /// Whether to show where one attempt ends and the next begins.
    private let separates: Bool
    private let clock: WallClock
    private let write: (String) throws -> Void
    private let warn: (String) -> Void
    private var attempt: UInt64 = 0
    private var faults: Set<String> = []
    /// Whether there was any line.
    private(set) var hasPrinted = false

    init(
        _ form: Form, of name: String, separates: Bool, clock: WallClock = .local,
        write: @escaping (String) throws -> Void = { try StandardOutput.write($0) },
        warn: @escaping (String) -> Void = { StandardError.line($0) }
    ) {
        self.form = form
        self.name = name
        self.separates = separates
        self.clock = clock
        self.write = write
        self.warn = warn
    }

    /// Whether a line can be printed while it comes.
    var takesParts: Bool {
        switch form {
        case .text: true
        case .json: false
        }
    }

    /// Prints entries of a page; none tells that nothing came for a while.
    func add(_ entries: ArraySlice<ServiceLogs.Entry>, of page: ServiceLogs.Page) throws {
        if !entries.isEmpty { hasPrinted = true }
        switch form {
        case .json:
            try write(entries.map { try LogLine($0, of: name).text }.joined())
        case .text(let printer):
            if entries.isEmpty && !page.more { return try printer.idle() }
            var parts: [LogPrinter.Part] = []
            for entry in entries { parts += notices(before: entry, of: page) + [.entry(entry)] }
            try printer.add(parts)
        }
    }

    /// Tells what is gone before a page, and what is wrong with the files; each fault once.
    func tellFaults(of page: ServiceLogs.Page) throws {
        for loss in page.lost {
            let amount = loss.bytes.map { Size.text(Int64(clamping: $0)) } ?? "a part"
            try tell("\(amount) of \(loss.stream.rawValue) is gone: rotated away or cleared before it was read")
        }
        for fault in page.faults where faults.insert(fault).inserted { warn("warning: \(name): \(fault)") }
    }

    private func tell(_ text: String) throws {
        guard case .text(let printer) = form, separates else { return warn("warning: \(name): \(text)") }
        try printer.add([.notice("-- \(text) --")])
    }

    private func notices(before entry: ServiceLogs.Entry, of page: ServiceLogs.Page) -> [LogPrinter.Part] {
        var parts: [LogPrinter.Part] = []
        if entry.attempt != 0, entry.attempt != attempt {
            if attempt != 0, separates { parts.append(.notice(separator(of: entry.attempt, in: page))) }
            attempt = entry.attempt
        }
        // The logger's own line says it, too.
        if entry.dropped > 0, !entry.isNote {
            let lines = "\(Self.grouped(entry.dropped)) \(entry.dropped == 1 ? "line" : "lines")"
            if separates {
                parts.append(.notice("-- \(lines) of \(entry.stream.rawValue) dropped here --"))
            } else {
                warn("warning: \(name): \(lines) of \(entry.stream.rawValue) dropped before \(clock.text(entry.at))")
            }
        }
        return parts
    }

    private func separator(of attempt: UInt64, in page: ServiceLogs.Page) -> String {
        let began = page.attempts.first { $0.attempt == attempt }?.began
        return "-- attempt \(attempt)\(began.map { ", began \(clock.text($0))" } ?? "") --"
    }

    /// 1,234,567.
    static func grouped(_ number: UInt64) -> String {
        var text = ""
        for (place, digit) in String(number).reversed().enumerated() {
            if place > 0, place % 3 == 0 { text.append(",") }
            text.append(digit)
        }
        return String(text.reversed())
    }
}
