import XPMClient
import XPMProtocol

/// A list of services: which, in which order, and which one is highlighted. A change costs little, however many rows there are.
struct ServiceTable: Sendable {
    private(set) var filter: ServiceFilter
    private(set) var order = ServiceOrder.added
    private(set) var rows: [MirroredService] = []
    var cursor = Cursor<ServiceIdentity>()
    /// Those that are marked, in no order. What is not shown any more is no longer marked.
    private(set) var marks: Set<ServiceIdentity> = []

    init(_ filter: ServiceFilter) { self.filter = filter }

    /// The service that is highlighted.
    func selected(_ model: MirrorModel) -> MirroredService? { cursor.selected.flatMap { model[$0] } }

    /// Where a service stands; nil where it is not shown.
    func index(of service: MirroredService) -> Int? {
        let index = lowerBound(service)
        return index < rows.count && rows[index].identity == service.identity ? index : nil
    }

    func selectedIndex(_ model: MirrorModel) -> Int? { selected(model).flatMap { index(of: $0) } }

    /// Takes in that a service is now `new` instead of `old`.
    mutating func replace(_ old: MirroredService?, by new: MirroredService?) {
        let shown = new.flatMap { filter.shows($0) ? $0 : nil }
        if let old, let index = index(of: old) {
            if let shown, !order.isBefore(shown, old), !order.isBefore(old, shown) { return rows[index] = shown }
            rows.remove(at: index)
            if shown == nil {
                marks.remove(old.identity)
                if cursor.selected == old.identity { cursor.lose(at: index) }
            }
        }
        if let shown { rows.insert(shown, at: lowerBound(shown)) }
    }

    /// Makes the list anew.
    mutating func rebuild(_ model: MirrorModel) {
        let before = rows
        let all = filter.run.map { model.services(of: $0) } ?? Array(model.services)
        rows = all.filter(filter.shows).sorted(by: order.isBefore)
        if !marks.isEmpty { marks.formIntersection(rows.map(\.identity)) }
        if let selected = cursor.selected, selectedIndex(model) == nil {
            cursor.lose(at: before.firstIndex { $0.identity == selected } ?? 0)
        }
    }

    mutating func show(_ change: (inout ServiceFilter) -> Void, _ model: MirrorModel) {
        change(&filter)
        rebuild(model)
        // Who filters wants the first hit.
        if cursor.selected == nil, let first = rows.first { cursor.select(first.identity) }
    }

    mutating func sort(by order: ServiceOrder, _ model: MirrorModel) {
        self.order = order
        rebuild(model)
    }

    mutating func toggleMark() {
        guard let selected = cursor.selected else { return }
        if marks.remove(selected) == nil { marks.insert(selected) }
    }

    mutating func unmark() { marks = [] }

    mutating func move(_ move: Move, page: Int, _ model: MirrorModel) {
        let target = cursor.target(of: move, from: selectedIndex(model), count: rows.count, page: page)
        if let target { cursor.select(rows[target].identity) }
    }

    mutating func selectFirst() { if cursor.selected == nil, let first = rows.first { cursor.select(first.identity) } }

    private func lowerBound(_ service: MirroredService) -> Int {
        var (low, high) = (0, rows.count)
        // New ones mostly come last.
        if let last = rows.last, order.isBefore(last, service) { return high }
        while low < high {
            let middle = (low + high) / 2
            if order.isBefore(rows[middle], service) { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
