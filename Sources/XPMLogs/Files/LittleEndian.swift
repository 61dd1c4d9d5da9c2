extension UnsafeRawBufferPointer {
    /// An integer within the bytes; the caller has made sure that it is.
    func littleEndian<Value: FixedWidthInteger>(at offset: Int, as: Value.Type = Value.self) -> Value {
        Value(littleEndian: loadUnaligned(fromByteOffset: offset, as: Value.self))
    }
}

extension [UInt8] {
    mutating func appendLittleEndian<Value: FixedWidthInteger>(_ value: Value) {
        Swift.withUnsafeBytes(of: value.littleEndian) { append(contentsOf: $0) }
    }
}
