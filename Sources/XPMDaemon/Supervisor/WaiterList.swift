/// Those who wait for one service, in the order of asking. Each leaves at no cost for the others.
struct WaiterList {
    private var waiters: [Waiter] = []
    private var left = 0

    var count: Int { waiters.count - left }
    var isEmpty: Bool { count == 0 }

    mutating func append(_ waiter: Waiter) { waiters.append(waiter) }

    /// One of them waits no longer.
    mutating func noteLeft() {
        left += 1
        guard left > 32, left > waiters.count / 2 else { return }
        waiters.removeAll(where: \.isOver)
        left = 0
    }

    /// All of them; none is left.
    mutating func takeAll() -> [Waiter] {
        defer { (waiters, left) = ([], 0) }
        return left == 0 ? waiters : waiters.filter { !$0.isOver }
    }
}
