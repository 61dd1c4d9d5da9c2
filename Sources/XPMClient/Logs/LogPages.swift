import XPMProtocol

/// A service's logs page by page: what there is, and after that what comes. Empty pages are left out unless they tell of a loss.
///
/// Without `follows` it ends with what there is already. Over a restart of xpmd it goes on at its cursor; it ends with
/// `CancellationError`, and with the refusal of xpmd, as `invalidParameters` by one that is older and has no pages.
public struct LogPages: AsyncSequence, Sendable {
    /// Some lines.
    public typealias Element = ServiceLogs.Page

    /// The seconds for which xpmd may hold one request.
    private static let wait = 30.0

    private let client: Client
    private let service: ServiceReference
    private let selection: LogSelection
    private let partial: Bool
    private let follows: Bool
    private let start: String?

    init(
        _ client: Client, _ service: ServiceReference, _ selection: LogSelection, after cursor: String?, partial: Bool,
        follows: Bool
    ) {
        self.client = client
        self.service = service
        self.selection = selection
        self.partial = partial
        self.follows = follows
        start = cursor
    }

    /// A consumer that begins at the beginning.
    public func makeAsyncIterator() -> Iterator { Iterator(self) }

    /// Where one consumer stands.
    public struct Iterator: AsyncIteratorProtocol {
        private let pages: LogPages
        private var cursor: String?
        /// Whether there is more than what was read.
        private var hasMore = true
        private var wasAnswered = false
        private var backoff = Backoff()

        fileprivate init(_ pages: LogPages) {
            self.pages = pages
            cursor = pages.start
        }

        /// The next page that tells something; nil at the end.
        public mutating func next() async throws -> ServiceLogs.Page? {
            while hasMore || pages.follows {
                try Task.checkCancellation()
                do {
                    let page = try await pages.page(after: cursor, waits: !hasMore)
                    (cursor, hasMore, wasAnswered) = (page.cursor, page.more, true)
                    backoff.reset()
                    if !page.entries.isEmpty || !page.lost.isEmpty { return page }
                } catch let error as WireError where wasAnswered && EventReader.isTransient(error) {
                    try await Task.sleep(for: backoff.next())
                }
            }
            return nil
        }
    }

    private func page(after cursor: String?, waits: Bool) async throws -> ServiceLogs.Page {
        try await client.logs(
            service, selection, after: cursor, wait: waits ? .seconds(Self.wait) : nil, partial: partial)
    }
}

/// A service's logs line by line, see `LogPages`.
public struct LogEntries: AsyncSequence, Sendable {
    /// A line, or a part of one.
    public typealias Element = ServiceLogs.Entry

    let pages: LogPages

    /// A consumer that begins at the beginning.
    public func makeAsyncIterator() -> Iterator { Iterator(pages: pages.makeAsyncIterator()) }

    /// Where one consumer stands.
    public struct Iterator: AsyncIteratorProtocol {
        var pages: LogPages.Iterator
        private var entries: ArraySlice<ServiceLogs.Entry> = []

        init(pages: LogPages.Iterator) { self.pages = pages }

        /// The next line; nil at the end.
        public mutating func next() async throws -> ServiceLogs.Entry? {
            while entries.isEmpty {
                guard let page = try await pages.next() else { return nil }
                entries = page.entries[...]
            }
            return entries.popFirst()
        }
    }
}
