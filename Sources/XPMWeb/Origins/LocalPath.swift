/// Where a browser is sent on, given by a request: a path of the same origin, whatever browsers make of it.
enum LocalPath {
    private static let most = 8192

    /// The path, or `/` for anything that could lead elsewhere.
    static func checked(_ text: String) -> String {
        guard text.utf8.count <= most, text.hasPrefix("/"), !text.hasPrefix("//"), !text.hasPrefix("/\\"),
            text.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
        else { return "/" }
        return text
    }

    /// Percent-encodes what may not stand in the value of a query.
    static func encoded(_ text: String) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        let bytes = text.utf8.flatMap { byte -> [UInt8] in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                [byte]
            case _ where "-._~/".utf8.contains(byte): [byte]
            default: [0x25, digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
