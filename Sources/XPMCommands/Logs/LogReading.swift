import XPMClient
import XPMProtocol

/// Prints the logs of services, and follows them: those in files in one order, those in the journal by journalctl, and of an xpmd that
/// knows no pages one log after the other.
final class LogReading {
    /// How logs are printed.
    struct Look {
        var form: LogPrinter.Form
        var isJSON: Bool
        var isTimed: Bool
        var clock: WallClock
        /// What is said of attempts and gaps stands between the lines.
        var separates: Bool
        var style: Style
    }

    private struct Followed {
        var index: Int
        var source: LogFollower.Source
    }

    private let batch: Batch
    private let selection: LogSelection
    private let look: Look
    private let follows: Bool
    private var pages: [(index: Int, feed: PageFeed, printer: LogPrinter?)] = []
    private var followed: [Followed] = []
    /// Whether this xpmd knows no pages.
    private var isOlder = false

    init(_ batch: Batch, _ selection: LogSelection, _ look: Look, follows: Bool) {
        self.batch = batch
        self.selection = selection
        self.look = look
        self.follows = follows
    }

    /// Begins to read the log of a service; `index` is its place in the batch. `journal` prints one that is in the journal.
    func add(
        _ service: ServiceRecord, at index: Int, label: String?, journal: (JournalLog, LogPrinter) throws -> Void
    ) throws {
        let (name, reference) = (service.identity.fullName, ServiceReference(service.identity))
        let printer = LogPrinter(
            look.form, isTimed: look.isTimed, label: label, clock: look.clock, style: look.style)
        do {
            if let page = try firstPage(of: reference) {
                let form: PagePrinter.Form = look.isJSON ? .json : .text(printer)
                let shown = PagePrinter(form, of: name, separates: look.separates, clock: look.clock)
                let feed = try PageFeed(
                    selection, of: reference, first: page, takesParts: takesParts, shown)
                return pages.append((index, feed, look.isJSON ? nil : printer))
            }
            try requireForPieces()
            // Whether it is in files at all.
            _ = try batch.session.call(ServiceLogs(reference, stream: .stdout, lines: 0))
        } catch let error as WireError {
            guard let log = JournalLog(error) else { throw error }
            return try journal(log, printer)
        }
        let feeds = selection.streams.map { PieceFeed(selection, of: reference, $0, printer) }
        if follows {
            followed.append(.init(index: index, source: .init(service: reference, feeds: feeds, printer: printer)))
        } else {
            for feed in feeds {
                try feed.printAll { (request) throws(WireError) in try self.batch.session.call(request) }
            }
        }
    }

    /// Prints what there is already of those that were added; returns those that are to be followed.
    func print() throws -> [(index: Int, source: LogFollower.Source)] {
        var failed: Set<Int> = []
        var backlog = LogBacklog(pages.map(\.feed)) { [self] place in
            var page: ServiceLogs.Page?
            do {
                try batch.attempt(pages[place].index) {
                    page = try batch.session.call(pages[place].feed.requestForMore).page
                }
            } catch { page = nil }
            if page == nil { failed.insert(place) }
            return page
        }
        try backlog.print()
        guard follows else {
            for page in pages { try page.printer?.finish() }
            return []
        }
        for (place, page) in pages.enumerated() where !failed.contains(place) {
            let source = LogFollower.Source(service: page.feed.service, feeds: [page.feed], printer: page.printer)
            followed.append(.init(index: page.index, source: source))
        }
        return followed.map { ($0.index, $0.source) }
    }

    /// The places in the batch of those that had no line.
    var silent: Set<Int> { Set(pages.filter { !$0.feed.printer.hasPrinted }.map(\.index)) }

    /// A line that is not finished is no whole object for programs that go on reading.
    private var takesParts: Bool { !(follows && look.isJSON) }

    /// Nil where this xpmd knows no pages.
    private func firstPage(of service: ServiceReference) throws(WireError) -> ServiceLogs.Page? {
        if isOlder { return nil }
        let refusal: WireError
        do throws(WireError) {
            return try batch.session.call(selection.page(of: service, partial: takesParts)).page
        } catch {
            guard error.code == .invalidParameters else { throw error }
            refusal = error
        }
        do throws(WireError) {
            // One that knows them can have nothing against this.
            _ = try batch.session.call(ServiceLogs(service, streams: [.stdout], lines: 0))
        } catch {
            isOlder = error.code == .invalidParameters
        }
        guard isOlder else { throw refusal }
        return nil
    }

    private func requireForPieces() throws(WireError) {
        let missing = selection.optionsOfPages + (look.isJSON ? ["--output json"] : [])
        guard let option = missing.first else { return }
        throw WireError(
            .unsupported, "cannot use \(option): this xpmd is older than xpmctl", data: ["older": .bool(true)])
    }
}
