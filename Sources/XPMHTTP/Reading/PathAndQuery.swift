/// The segments of a path, as they came: `/a//b%2Fc` has `a`, an empty one, and `b%2Fc`.
public struct PathSegments: Sequence, IteratorProtocol {
    private var parts: SplitBytes?

    /// The segments behind the first slash. A path without one has none.
    public init(_ path: UnsafeRawBufferPointer) {
        guard path.first == Alphabet.slash else { return }
        parts = SplitBytes(path.cut(1, path.count), at: Alphabet.slash)
    }

    public mutating func next() -> UnsafeRawBufferPointer? { parts?.next() }
}

/// The parts of a query, as they came: `a=1&b&c=` has `a` with `1`, `b` without a value, and `c` with an empty one.
public struct QueryPairs: Sequence, IteratorProtocol {
    /// A name and its value.
    public struct Pair {
        /// What stands before the first `=`.
        public var name: UnsafeRawBufferPointer
        /// What stands behind it, nil without one.
        public var value: UnsafeRawBufferPointer?
    }

    private var parts: SplitBytes

    /// The parts of what stands behind the question mark. Empty ones are left out.
    public init(_ query: UnsafeRawBufferPointer) { parts = SplitBytes(query, at: Alphabet.ampersand) }

    public mutating func next() -> Pair? {
        while let part = parts.next() {
            if part.isEmpty { continue }
            let equals = part.place(of: Alphabet.equals)
            return Pair(
                name: part.cut(0, equals), value: equals < part.count ? part.cut(equals + 1, part.count) : nil)
        }
        return nil
    }
}
