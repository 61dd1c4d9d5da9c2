extension JSONReader {
    /// A text that was checked before, with its numbers as they are written. Written by `JSONWriter`, names are in order and
    /// nothing is left of white space and needless escapes.
    static func essence(of bytes: [UInt8]) throws(WireError) -> JSONNode.Part {
        var reader = JSONReader(bytes, numbers: .anySize)
        return try reader.essence()
    }

    private mutating func essence() throws(WireError) -> JSONNode.Part {
        skipSpace()
        let start = position
        switch next {
        case UInt8(ascii: "{"): return try members()
        case UInt8(ascii: "["): return try elements()
        case UInt8(ascii: "\""): return .string(try string())
        default:
            _ = try value()
            return .written(String(decoding: bytes[start..<position], as: UTF8.self))
        }
    }

    private mutating func elements() throws(WireError) -> JSONNode.Part {
        let node = JSONNode()
        node.becomeArray()
        try enter()
        defer { depth -= 1 }
        while !take(UInt8(ascii: "]")) {
            node.append(try essence())
            skipSpace()
            if take(UInt8(ascii: ",")) { skipSpace() }
        }
        return .node(node)
    }

    private mutating func members() throws(WireError) -> JSONNode.Part {
        let node = JSONNode()
        node.becomeObject()
        try enter()
        defer { depth -= 1 }
        while !take(UInt8(ascii: "}")) {
            let name = try string()
            skipSpace()
            _ = take(UInt8(ascii: ":"))
            node.insert(try essence(), forKey: name)
            skipSpace()
            if take(UInt8(ascii: ",")) { skipSpace() }
        }
        return .node(node)
    }
}
