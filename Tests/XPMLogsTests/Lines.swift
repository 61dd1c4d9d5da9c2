import Glibc

/// What `log-writer numbered` writes, held against what a log has.
enum Lines {
    private static let filler = [UInt8](repeating: UInt8(ascii: "."), count: 512)

    /// Line number `index`, as the program writes it.
    static func line(_ index: Int) -> [UInt8] {
        var line = Array(String(index).utf8)
        if index % 3 != 0 { line += [UInt8(ascii: " ")] + filler[..<(index &* 7919 % 251)] }
        line.append(UInt8(ascii: "\n"))
        return line
    }

    /// The same without its line feed.
    static func text(_ index: Int) -> String { String(decoding: line(index).dropLast(), as: UTF8.self) }

    /// How many lines there are from the first one on, none missing, doubled, torn or out of order, and where that ends; what comes then is
    /// told unless it is the beginning of the next line.
    static func whole(_ bytes: [UInt8]) -> (count: Int, fault: String?) {
        bytes.withUnsafeBytes { bytes in
            guard let start = bytes.baseAddress else { return (0, nil) }
            var place = 0
            var count = 0
            while place < bytes.count {
                let wanted = line(count)
                let length = min(wanted.count, bytes.count - place)
                guard memcmp(start + place, wanted, length) == 0 else {
                    let found = String(decoding: bytes[place..<min(place + 40, bytes.count)], as: UTF8.self)
                    return (count, "line \(count) at \(place): \(found.debugDescription)")
                }
                place += length
                if length == wanted.count { count += 1 }
            }
            return (count, nil)
        }
    }
}
