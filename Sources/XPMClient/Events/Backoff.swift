/// How long to wait before the next try to connect: 50 ms at first, doubled up to 2 s.
package struct Backoff: Sendable {
    private static let shortest = Duration.milliseconds(50)
    private static let longest = Duration.seconds(2)
    private var delay = shortest

    /// Begins with the shortest delay.
    package init() {}

    /// The delay before the next try.
    package mutating func next() -> Duration {
        defer { delay = min(delay * 2, Self.longest) }
        return delay
    }

    /// A try succeeded.
    package mutating func reset() { delay = Self.shortest }
}
