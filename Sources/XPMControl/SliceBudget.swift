import NIOCore

/// How much one connection's requests may be before it is another one's turn.
struct SliceBudget {
    /// Bytes of requests and replies together.
    static let bytes = 64 << 10
    /// As how many bytes a request counts beside its own: small ones take time, too.
    static let request = 2 << 10

    private var left = Self.bytes
    private let end = NIODeadline.now() + Rotation.time

    /// Counts a request and what was sent meanwhile.
    mutating func spend(_ bytes: Int) { left -= Self.request + bytes }

    var isSpent: Bool { left <= 0 || NIODeadline.now() >= end }
}
