/// Takes one body apart, never reading beyond it.
struct WireReader {
    private var rest: ArraySlice<UInt8>

    init(_ body: ArraySlice<UInt8>) {
        rest = body
    }

    mutating func integer<Value: FixedWidthInteger>(_: Value.Type = Value.self) throws(KeeperWireError) -> Value {
        let bytes = try take(Value.bitWidth / 8)
        var value: Value = 0
        for byte in bytes.reversed() {
            value = value << 8 | Value(truncatingIfNeeded: byte)
        }
        return value
    }

    mutating func flag() throws(KeeperWireError) -> Bool {
        switch try integer(UInt8.self) {
        case 0: return false
        case 1: return true
        case let tag: throw .unknownTag(tag, of: "bool")
        }
    }

    mutating func text() throws(KeeperWireError) -> String {
        let bytes = try take(Int(integer(UInt32.self)))
        guard let text = String(validating: bytes, as: UTF8.self) else { throw .invalidText }
        return text
    }

    mutating func list<Element>(
        each read: (inout WireReader) throws(KeeperWireError) -> Element
    ) throws(KeeperWireError) -> [Element] {
        let count = Int(try integer(UInt32.self))
        // An element takes a byte at least: a count beyond the body is found out before anything is allocated for it.
        guard count <= rest.count else { throw .truncated }
        var elements: [Element] = []
        for _ in 0..<count { elements.append(try read(&self)) }
        return elements
    }

    func finish() throws(KeeperWireError) {
        guard rest.isEmpty else { throw .surplus(rest.count) }
    }

    private mutating func take(_ count: Int) throws(KeeperWireError) -> ArraySlice<UInt8> {
        guard count <= rest.count else { throw .truncated }
        defer { rest = rest.dropFirst(count) }
        return rest.prefix(count)
    }
}
