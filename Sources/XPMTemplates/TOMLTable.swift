import CTOML
import Glibc

/// A table of a TOML document, as TOMLKit has it, but that the document is freed with its last table, and each copy that the parser
/// makes of a key or value at once: TOMLKit keeps all of them for good, and so each edit of a file would cost its size.
final class TOMLTable: Sequence {
    private let document: TOMLDocument
    private let pointer: OpaquePointer

    /// Parses a document.
    init(string: String) throws {
        document = try TOMLDocument(string)
        pointer = document.root
    }

    fileprivate init(_ pointer: OpaquePointer, of document: TOMLDocument) {
        (self.pointer, self.document) = (pointer, document)
    }

    func makeIterator() -> some IteratorProtocol<(String, any TOMLValueConvertible)> {
        let (count, keys, values) = (tableSize(pointer), tableGetKeys(pointer), tableGetValues(pointer))
        defer {
            free(UnsafeMutableRawPointer(mutating: keys))
            free(UnsafeMutableRawPointer(mutating: values))
        }
        return (0..<Int(count)).map { index -> (String, any TOMLValueConvertible) in
            (String(taking: keys[index]), TOMLNodePointer(pointer: values[index], document: document))
        }.makeIterator()
    }
}

/// An array of a document.
struct TOMLArray: Sequence {
    fileprivate let pointer: OpaquePointer
    fileprivate let document: TOMLDocument

    func makeIterator() -> some IteratorProtocol<any TOMLValueConvertible> {
        (0..<Int(arraySize(pointer))).map { index -> any TOMLValueConvertible in
            TOMLNodePointer(pointer: arrayGetNode(pointer, Int64(index)), document: document)
        }.makeIterator()
    }
}

/// A value of a document; each property is nil where it is of another type.
protocol TOMLValueConvertible {
    var table: TOMLTable? { get }
    var array: TOMLArray? { get }
    var string: String? { get }
    var int: Int? { get }
    var double: Double? { get }
    var bool: Bool? { get }
}

/// Why a text is no TOML.
struct TOMLParseError: Error, CustomStringConvertible {
    struct Position {
        var line: UInt32
        var column: UInt32
    }

    var description: String
    var source: (begin: Position, end: Position)
}

private struct TOMLNodePointer: TOMLValueConvertible {
    let pointer: OpaquePointer
    let document: TOMLDocument

    var table: TOMLTable? { nodeAsTable(pointer).map { TOMLTable($0, of: document) } }
    var array: TOMLArray? { nodeAsArray(pointer).map { TOMLArray(pointer: $0, document: document) } }
    var string: String? { nodeAsString(pointer).map { String(taking: $0) } }
    var int: Int? { taken(nodeAsInt(pointer)).map { Int($0) } }
    var double: Double? { taken(nodeAsDouble(pointer)) }
    var bool: Bool? { taken(nodeAsBool(pointer)) }

    private func taken<Value>(_ copy: UnsafePointer<Value>?) -> Value? {
        defer { free(UnsafeMutableRawPointer(mutating: copy)) }
        return copy?.pointee
    }
}

private final class TOMLDocument {
    let root: OpaquePointer

    init(_ text: String) throws(TOMLParseError) {
        let empty = CTOMLSourcePosition(line: 0, column: 0)
        guard let unset = strdup("") else { fatalError("out of memory") }
        var fault = CTOMLParseError(description: unset, source: CTOMLSourceRegion(begin: empty, end: empty))
        let root = text.withCString { tableCreateFromString($0, &fault) }
        guard let root else {
            if fault.description != UnsafePointer(unset) { free(unset) }
            let (begin, end) = (fault.source.begin, fault.source.end)
            throw TOMLParseError(
                description: String(taking: fault.description),
                source: (.init(line: begin.line, column: begin.column), .init(line: end.line, column: end.column)))
        }
        free(unset)
        self.root = root
    }

    // The parser has no way to free the table itself, some bytes; all that is in it can be.
    deinit { tableClear(root) }
}

extension String {
    /// The text of a copy that the parser made, which is freed.
    fileprivate init(taking copy: UnsafePointer<CChar>) {
        self.init(cString: copy)
        free(UnsafeMutablePointer(mutating: copy))
    }
}
