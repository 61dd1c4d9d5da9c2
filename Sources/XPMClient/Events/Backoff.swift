/// How long to wait before the next try to connect: 50 ms at first, doubled up to 2 s.
package struct Backoff: Sendable {
    private static let longest = Duration.seconds(2)
    private let shortest: Duration
    private var delay: Duration

    /// Begins with the shortest delay.
    package init(shortest: Duration = .milliseconds(50)) {
        self.shortest = shortest
        delay = shortest
    }

    /// The delay before the next try.
    package mutating func next() -> Duration {
        defer { delay = min(delay * 2, Self.longest) }
        return delay
    }

    /// A try succeeded.
    package mutating func reset() { delay = shortest }
}
