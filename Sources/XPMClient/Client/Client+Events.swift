import XPMProtocol

extension Client {
    /// The last `count` events, oldest first, of one service or of all. No others are read.
    public func lastEvents(_ count: Int, of service: ServiceReference? = nil) async throws -> [EventRecord] {
        var pages: [[EventRecord]] = []
        var (left, before) = (count, Int64?.none)
        while left > 0 {
            let page = try await call(
                ListEvents(
                    before: before, limit: min(left, ListEvents.mostEvents), service: service?.nearThisFolder))
            pages.append(page.events)
            left -= page.events.count
            before = page.before
            if before == nil { break }
        }
        return pages.reversed().flatMap(\.self).suffix(max(0, count))
    }
}
