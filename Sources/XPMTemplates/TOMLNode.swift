import TOMLKit

/// A TOML document as a value of our own, so that nothing further on touches the parser's shared pointers.
indirect enum TOMLNode {
    case table([String: TOMLNode])
    case array([TOMLNode])
    case string(String)
    case integer(Int64)
    case float(Double)
    case boolean(Bool)
    case time

    /// Parses a document.
    static func document(_ text: String) throws(TemplateFault) -> TOMLNode {
        // The parser takes a C string, and would silently stop at the first of these.
        guard !text.utf8.contains(0) else { throw TemplateFault("", "it has a NUL character") }
        do {
            return TOMLNode(try TOMLTable(string: text))
        } catch let error as TOMLParseError {
            let begin = error.source.begin
            let said = "Error while parsing "
            let cause =
                error.description.hasPrefix(said) ? String(error.description.dropFirst(said.count)) : error.description
            throw TemplateFault("", "it is not TOML: line \(begin.line), column \(begin.column): \(cause)")
        } catch {
            throw TemplateFault("", "it is not TOML: \(error)")
        }
    }

    private init(_ table: TOMLTable) {
        self = .table(Dictionary(uniqueKeysWithValues: table.map { ($0.0, TOMLNode($0.1)) }))
    }

    private init(_ value: any TOMLValueConvertible) {
        if let table = value.table {
            self.init(table)
        } else if let array = value.array {
            self = .array(array.map { TOMLNode($0) })
        } else if let text = value.string {
            self = .string(text)
        } else if let number = value.int {
            self = .integer(Int64(number))
        } else if let number = value.double {
            self = .float(number)
        } else if let truth = value.bool {
            self = .boolean(truth)
        } else {
            self = .time
        }
    }

    /// What kind of value it is, for people.
    var kind: String {
        switch self {
        case .table: "a table"
        case .array: "an array"
        case .string: "a string"
        case .integer: "an integer"
        case .float: "a number"
        case .boolean: "a boolean"
        case .time: "a date or time"
        }
    }
}
