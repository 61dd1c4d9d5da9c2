import XPMLogs

extension LogReader {
    /// All pages from a query on, until there is no more.
    public func pages(_ query: LogQuery, atMost count: Int = 100_000) throws(LogReadError) -> [LogPage] {
        var (query, pages): (LogQuery, [LogPage]) = (query, [])
        repeat {
            let page = try page(query)
            pages.append(page)
            query.cursor = page.cursor
        } while pages.last?.more == true && pages.count < count
        return pages
    }

    /// What all entries say: stream, flags, text.
    public func told(_ query: LogQuery = LogQuery(givesUnfinished: true)) throws(LogReadError) -> [String] {
        try pages(query).flatMap { $0.told }
    }
}

extension LogPage {
    /// Each entry as `o`, `e` for its stream, `+` where it continues, `|` where it is open, `!` for a note, `?` where its time is
    /// estimated, and its text without the line's end, of which the lack is shown as `~`.
    public var told: [String] {
        entries.map { entry in
            let flags: [(LogEntry.Flags, String)] = [
                (.continues, "+"), (.isOpen, "|"), (.isNote, "!"), (.isEstimated, "?"),
            ]
            let text = String(decoding: text(of: entry), as: UTF8.self)
            let marks = flags.filter { entry.flags.contains($0.0) }.map(\.1).joined()
            let end = entry.flags.contains(.hasLineEnd) ? String(text.dropLast()) : text + "~"
            return "\(entry.stream == .stdout ? "o" : "e")\(marks) \(end)"
        }
    }
}

extension LogMerge {
    /// All of two sequences, in one order.
    public static func merged<Entry>(
        stdout: [Entry], stderr: [Entry], order: (Entry) -> LogOrder
    ) -> [(stream: LogStream, entry: Entry)] {
        var result: [(stream: LogStream, entry: Entry)] = []
        result.reserveCapacity(stdout.count + stderr.count)
        var (out, error) = (stdout[...], stderr[...])
        while let stream = next(stdout: out.first.map(order), stderr: error.first.map(order)) {
            result.append((stream, stream == .stdout ? out.removeFirst() : error.removeFirst()))
        }
        return result
    }
}
