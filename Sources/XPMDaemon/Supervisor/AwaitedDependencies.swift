/// What a queued service waits for. Each leaves at no cost for the others.
struct AwaitedDependencies {
    private var byEntry: [ObjectIdentifier: [Dependency]] = [:]
    /// In the order in which they are named, those that have left included.
    private var order: [Dependency] = []
    private var firstPlace = 0

    var isEmpty: Bool { byEntry.isEmpty }
    var entries: [ServiceEntry] { byEntry.values.map { $0[0].entry } }

    /// The conditions that concern one service.
    func conditions(on entry: ServiceEntry) -> [Dependency] { byEntry[ObjectIdentifier(entry)] ?? [] }

    /// The first that is still awaited.
    var first: Dependency? { order[firstPlace...].first { byEntry[ObjectIdentifier($0.entry)] != nil } }

    mutating func append(_ dependency: Dependency) {
        byEntry[ObjectIdentifier(dependency.entry), default: []].append(dependency)
        order.append(dependency)
    }

    mutating func end(for entry: ServiceEntry) {
        byEntry[ObjectIdentifier(entry)] = nil
        while firstPlace < order.count, byEntry[ObjectIdentifier(order[firstPlace].entry)] == nil { firstPlace += 1 }
    }
}
