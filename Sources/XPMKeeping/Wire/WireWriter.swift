/// Collects one frame.
struct WireWriter {
    private(set) var bytes: [UInt8]

    init(type: UInt8) {
        bytes = [0, 0, 0, 0, type]
    }

    mutating func append<Value: FixedWidthInteger>(_ value: Value) {
        withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
    }

    mutating func append(_ flag: Bool) {
        bytes.append(flag ? 1 : 0)
    }

    mutating func append(_ text: String) {
        append(UInt32(clamping: text.utf8.count))
        bytes.append(contentsOf: text.utf8)
    }

    mutating func append<Element>(_ list: [Element], each write: (inout WireWriter, Element) -> Void) {
        append(UInt32(clamping: list.count))
        for element in list { write(&self, element) }
    }

    /// The frame with its length filled in; a body over the limit is the receiver's to refuse.
    consuming func finished() -> [UInt8] {
        let length = UInt32(clamping: bytes.count - 4).littleEndian
        withUnsafeBytes(of: length) { bytes.replaceSubrange(0..<4, with: $0) }
        return bytes
    }
}
