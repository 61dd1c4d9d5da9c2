/// The constructor's arguments of a service by name, with which it can be made again; a path is `{"__path__": "/x"}`, keys that
/// begin with `__` are reserved.
///
/// It is the user's value and not the protocol's, so it is carried as the text that it was written as: digits, escapes and
/// the order of names included.
public struct StateDictionary: Sendable {
    /// The name that it has in a definition, under which `JSONReader` keeps a text.
    static let key = "state_dict"

    /// A JSON object.
    public let text: String

    /// A text that was checked while it was read.
    init(checked text: String) { self.text = text }

    /// Reads a text that is one JSON object as xpmd takes it; `parseError` for anything else.
    public init(reading text: some Sequence<UInt8>) throws(WireError) {
        let bytes = Array(text)
        guard case .object = try JSONReader.read(bytes, numbers: .anySize, isForeign: true) else {
            throw WireError(.parseError, "cannot read the state dictionary: it is not a JSON object")
        }
        self.text = String(decoding: bytes, as: UTF8.self)
    }

    /// Writes values: integers as integers, every `number` with a fraction or an exponent. `invalidParameters` for NaN and infinity.
    public init(_ members: [String: JSONValue]) throws(WireError) {
        var writer = JSONWriter(capacity: 256)
        writer.write(try JSONNode.Part.exactly(.object(members)))
        text = String(decoding: writer.bytes, as: UTF8.self)
    }

    /// The values. An integer beyond 64 bits is the nearest `number`, and what no double holds is infinity.
    public var members: [String: JSONValue] {
        guard case .object(let members)? = try? JSONReader.read(Array(text.utf8), numbers: .anySize) else { return [:] }
        return members
    }

    /// A value by its name. Most have none of a reserved one, and are not read for that.
    public subscript(name: String) -> JSONValue? { mayHave(name) ? members[name] : nil }

    /// Whether it may have a name: not where that is nowhere in the text, in which no character is escaped.
    private func mayHave(_ name: String) -> Bool {
        var (text, name) = (text, name)
        return text.withUTF8 { text in
            name.withUTF8 { name in
                guard let first = name.first, !text.contains(UInt8(ascii: "\\")) else { return true }
                var rest = text[...]
                while let place = rest.firstIndex(of: first) {
                    rest = rest[place...]
                    if rest.starts(with: name) { return true }
                    rest = rest.dropFirst()
                }
                return false
            }
        }
    }

    /// The same without what makes no difference: white space, the order of names, and in which way characters are escaped.
    private var essence: [UInt8] {
        guard let part = try? JSONReader.essence(of: Array(text.utf8)) else { return Array(text.utf8) }
        var writer = JSONWriter(capacity: text.utf8.count)
        writer.write(part)
        return writer.bytes
    }
}

extension StateDictionary: Hashable {
    /// Whether a class would be made of the same values: digits count (`1.0` is not `1`), the order of names does not.
    public static func == (left: StateDictionary, right: StateDictionary) -> Bool {
        // Not `==` of strings, which takes different bytes for equal where Unicode does.
        left.text.hasSameBytes(as: right.text) || left.essence == right.essence
    }

    public func hash(into hasher: inout Hasher) { hasher.combine(essence) }
}

extension String {
    /// Eight bytes at a time: there may be a megabyte.
    fileprivate func hasSameBytes(as other: String) -> Bool {
        var (left, right) = (self, other)
        return left.withUTF8 { left in
            right.withUTF8 { right in
                guard left.count == right.count else { return false }
                let (left, right) = (UnsafeRawBufferPointer(left), UnsafeRawBufferPointer(right))
                var place = 0
                while place + 8 <= left.count {
                    guard
                        left.loadUnaligned(fromByteOffset: place, as: UInt64.self)
                            == right.loadUnaligned(fromByteOffset: place, as: UInt64.self)
                    else { return false }
                    place += 8
                }
                return left[place...].elementsEqual(right[place...])
            }
        }
    }
}

extension StateDictionary: ExpressibleByDictionaryLiteral {
    /// Literals have no numbers that JSON lacks.
    public init(dictionaryLiteral elements: (String, JSONValue)...) {
        self = (try? StateDictionary(Dictionary(elements) { _, last in last })) ?? StateDictionary(checked: "{}")
    }
}

extension StateDictionary: Codable {
    public init(from decoder: any Decoder) throws {
        if let tree = decoder as? JSONTreeDecoder, let text = tree.carriedText {
            self.init(checked: text)
        } else {
            try self.init([String: JSONValue](from: decoder))
        }
    }

    public func encode(to encoder: any Encoder) throws {
        if let tree = encoder as? JSONTreeEncoder {
            tree.node.set(.written(text))
        } else {
            try members.encode(to: encoder)
        }
    }
}

extension JSONNode.Part {
    /// The part for a value whose numbers are not to become integers.
    fileprivate static func exactly(_ value: JSONValue) throws(WireError) -> JSONNode.Part {
        let node = JSONNode()
        switch value {
        case .null: return .null
        case .bool(let flag): return .bool(flag)
        case .integer(let number): return .integer(number)
        case .number(let number):
            guard number.isFinite else {
                throw WireError(
                    .invalidParameters, "cannot keep \(number) in a state dictionary: JSON has no such number")
            }
            return .written(number.description)
        case .string(let text): return .string(text)
        case .array(let elements):
            node.becomeArray()
            for element in elements { node.append(try exactly(element)) }
        case .object(let members):
            node.becomeObject()
            for (name, member) in members { node.insert(try exactly(member), forKey: name) }
        }
        return .node(node)
    }
}
