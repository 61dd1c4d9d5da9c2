/// The checksum of zlib and Ethernet. Only headers are checked by it, so that it does without a table.
enum CRC32 {
    static func of(_ bytes: Slice<UnsafeRawBufferPointer>) -> UInt32 {
        var sum = UInt32.max
        for byte in bytes {
            sum ^= UInt32(byte)
            for _ in 0..<8 { sum = sum >> 1 ^ (sum & 1 == 0 ? 0 : 0xEDB8_8320) }
        }
        return ~sum
    }
}
