/// A number of bytes as people write it: `64M`, `2G`, `1.5GiB`. The units are those of memory, K being 1024.
enum Size {
    private static let units = ["K", "M", "G", "T"]

    /// The bytes that `text` means.
    static func bytes(_ text: String) throws(Unreadable) -> Int64 {
        let digits = text.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
        guard let number = Double(digits), let factor = factor(text[digits.endIndex...].uppercased()) else {
            throw Unreadable("a size is a number of bytes, or one with K, M, G or T (of 1024), such as 64M or 2GiB")
        }
        let bytes = number * factor
        guard bytes < 0x1p63 else { throw Unreadable("that is too large: a size is less than 8388608T") }
        guard bytes == bytes.rounded() else { throw Unreadable("that is not a whole number of bytes") }
        return Int64(bytes)
    }

    /// `GB` is left out: to some it is a power of ten.
    private static func factor(_ unit: String) -> Double? {
        if unit.isEmpty || unit == "B" { return 1 }
        let place = units.firstIndex { unit == $0 || unit == $0 + "IB" }
        return place.map { (0...$0).reduce(1) { factor, _ in factor * 1024 } }
    }

    /// `412 MiB`: three digits or more, which is what tells sizes apart.
    static func text(_ bytes: Int64) -> String {
        guard bytes >= 1024 else { return "\(bytes) B" }
        var amount = Double(bytes)
        var unit = ""
        for next in units where amount >= 1024 {
            amount /= 1024
            unit = next
        }
        let tenths = Int64((amount * 10).rounded())
        let shown = tenths < 100 && tenths % 10 != 0 ? "\(tenths / 10).\(tenths % 10)" : "\((tenths + 5) / 10)"
        return "\(shown) \(unit)iB"
    }
}
