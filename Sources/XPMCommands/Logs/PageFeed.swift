import XPMClient
import XPMProtocol

/// The logs of one service in the order of their lines' arrival.
final class PageFeed: LogFeed {
    private let selection: LogSelection
    /// Whether an unfinished line is wanted before the service's end.
    private let takesParts: Bool
    let service: ServiceReference
    let printer: PagePrinter
    private var cursor: String
    /// The newest page, of which the entries before `position` are printed.
    private var page: ServiceLogs.Page
    private var position = 0

    /// Begins with the page that answers the first request of `selection`.
    init(
        _ selection: LogSelection, of service: ServiceReference, first page: ServiceLogs.Page, takesParts: Bool,
        _ printer: PagePrinter
    ) throws {
        self.selection = selection
        self.takesParts = takesParts
        self.service = service
        self.printer = printer
        self.page = page
        cursor = page.cursor
        try printer.tellFaults(of: page)
    }

    var place: String? { cursor }

    func request(wait: Double) -> ServiceLogs {
        // At the service's end an unfinished line stays unfinished.
        selection.page(of: service, after: cursor, wait: wait, partial: takesParts || wait == 0)
    }

    /// Asks for what there is already behind the present page.
    var requestForMore: ServiceLogs { selection.page(of: service, after: cursor, partial: takesParts) }

    func take(_ reply: ServiceLogs.Reply) throws -> Bool {
        try turn(to: reply.page)
        try printer.add(page.entries[...], of: page)
        position = page.entries.count
        return !page.entries.isEmpty || page.more
    }

    /// When the next entry arrived that is not printed; nil where there is none of the present page left.
    var head: Int64? { position < page.entries.count ? page.entries[position].microseconds : nil }

    /// Whether there is more to be had at once behind this page.
    var hasMore: Bool { page.more }

    /// Goes on to the next page.
    func turn(to next: ServiceLogs.Page) throws {
        (page, cursor, position) = (next, next.cursor, 0)
        try printer.tellFaults(of: next)
    }

    /// Prints the next entries that arrived no later than `moment`, and one at least.
    func printNext(until moment: Int64) throws {
        var end = min(position + 1, page.entries.count)
        while end < page.entries.count, page.entries[end].microseconds <= moment { end += 1 }
        try printer.add(page.entries[position..<end], of: page)
        position = end
    }
}
