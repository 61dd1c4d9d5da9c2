/// Comparing and cutting bytes without copying them.
extension UnsafeRawBufferPointer {
    /// Whether these are the bytes of `literal`.
    @inline(__always) func equals(_ literal: StaticString) -> Bool {
        guard count == literal.utf8CodeUnitCount else { return false }
        for place in 0..<count where self[place] != literal.utf8Start[place] { return false }
        return true
    }

    /// Whether these are the same bytes, letters of ASCII in either case.
    func equalsIgnoringCase(_ other: UnsafeRawBufferPointer) -> Bool {
        guard count == other.count else { return false }
        for place in 0..<count where self[place] != other[place] {
            guard Alphabet.lowercased(self[place]) == Alphabet.lowercased(other[place]) else { return false }
        }
        return true
    }

    /// Whether these are the bytes of `literal`, which is in lower case, letters in either case.
    @inline(__always) func equalsIgnoringCase(_ literal: StaticString) -> Bool {
        equalsIgnoringCase(UnsafeRawBufferPointer(start: literal.utf8Start, count: literal.utf8CodeUnitCount))
    }

    /// Whether these bytes begin with those.
    func starts(with other: [UInt8]) -> Bool {
        guard count >= other.count else { return false }
        for place in 0..<other.count where self[place] != other[place] { return false }
        return true
    }

    /// Without blanks at both ends.
    var trimmed: UnsafeRawBufferPointer {
        var (start, end) = (0, count)
        while start < end, Alphabet.isBlank(self[start]) { start &+= 1 }
        while start < end, Alphabet.isBlank(self[end &- 1]) { end &-= 1 }
        return cut(start, end)
    }

    /// The bytes of a part.
    func cut(_ start: Int, _ end: Int) -> UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: self[start..<end]) }

    /// The place of the first `byte`, or the end.
    func place(of byte: UInt8, from start: Int = 0) -> Int {
        guard let baseAddress else { return 0 }
        return Scan.first(byte, baseAddress, start, count)
    }
}

/// The parts between a byte that separates them, empty ones included, in order.
struct SplitBytes: Sequence, IteratorProtocol {
    private let bytes: UnsafeRawBufferPointer
    private let separator: UInt8
    private var place = 0

    init(_ bytes: UnsafeRawBufferPointer, at separator: UInt8) { (self.bytes, self.separator) = (bytes, separator) }

    mutating func next() -> UnsafeRawBufferPointer? {
        guard place <= bytes.count else { return nil }
        let end = bytes.place(of: separator, from: place)
        defer { place = end &+ 1 }
        return bytes.cut(place, end)
    }
}
