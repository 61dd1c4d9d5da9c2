/// Bytes that wait, in their order. An empty one has no memory.
struct ByteQueue {
    private var bytes: [UInt8] = []
    private var start = 0

    var isEmpty: Bool { bytes.isEmpty }
    var count: Int { bytes.count - start }

    mutating func append(_ more: UnsafeRawBufferPointer) {
        guard !more.isEmpty else { return }
        if start > bytes.count / 2 {
            bytes.removeFirst(start)
            start = 0
        }
        bytes.append(contentsOf: more)
    }

    /// Takes the first ones away.
    mutating func drop(_ count: Int) {
        start += count
        guard start >= bytes.count else { return }
        (bytes, start) = ([], 0)
    }

    /// Looks at them all.
    func withBytes<Result, Failure: Error>(
        _ look: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try bytes.withUnsafeBufferPointer { (buffer) throws(Failure) in
            try look(UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(buffer)[start...]))
        }
    }
}
