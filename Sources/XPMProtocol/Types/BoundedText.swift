extension StringProtocol {
    /// Its beginning of at most so many bytes, cut at a scalar. Characters are no measure: one may have a megabyte.
    package func prefix(bytes limit: Int) -> String {
        let bytes = Array(utf8.prefix(limit + 1))
        guard bytes.count > limit else { return String(self) }
        var count = limit
        while count > 0, bytes[count] & 0b1100_0000 == 0b1000_0000 { count -= 1 }
        return String(decoding: bytes[..<count], as: UTF8.self)
    }
}
