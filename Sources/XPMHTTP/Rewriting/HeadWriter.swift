/// Writes a head into memory of the caller's, which must be large enough: what has no room is not written, and is told.
public struct HeadWriter {
    private let memory: UnsafeMutableRawBufferPointer
    /// The bytes written so far.
    public private(set) var count = 0
    /// Whether everything was written: false for lack of room, and after a value that would have ended its line.
    public private(set) var isWhole = true

    /// Writes from the beginning of `memory` on.
    public init(_ memory: UnsafeMutableRawBufferPointer) { self.memory = memory }

    /// The bytes written, or nil where something is missing: then nothing of it may be sent.
    public var written: Int? { isWhole ? count : nil }

    @inline(__always) mutating func append(_ base: UnsafeRawPointer, _ length: Int) {
        guard isWhole, length <= memory.count - count, let target = memory.baseAddress else {
            isWhole = isWhole && length == 0
            return
        }
        (target + count).copyMemory(from: base, byteCount: length)
        count &+= length
    }

    @inline(__always) mutating func append(_ bytes: UnsafeRawBufferPointer) {
        if let base = bytes.baseAddress { append(base, bytes.count) }
    }

    @inline(__always) mutating func append(_ text: StaticString) { append(text.utf8Start, text.utf8CodeUnitCount) }

    mutating func append(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { buffer in
            if let base = buffer.baseAddress { append(base, buffer.count) }
        }
    }

    mutating func append(_ number: Int) { append(Array(String(number).utf8)) }

    mutating func append(byte: UInt8) {
        guard isWhole, count < memory.count else {
            isWhole = false
            return
        }
        memory[count] = byte
        count += 1
    }

    /// Says that something cannot be written.
    mutating func fail() { isWhole = false }

    /// Writes a field. A value with a control byte makes the head useless instead.
    public mutating func field(_ name: StaticString, _ value: [UInt8]) {
        append(name)
        append(": ")
        value.withUnsafeBytes { bytes in
            guard let base = bytes.baseAddress else { return }
            if Scan.text(base, 0, bytes.count) == bytes.count { append(base, bytes.count) } else { fail() }
        }
        append("\r\n")
    }

    /// Writes a field with a text.
    public mutating func field(_ name: StaticString, _ value: String) { field(name, Array(value.utf8)) }

    /// Writes the empty line.
    public mutating func end() { append("\r\n") }
}
