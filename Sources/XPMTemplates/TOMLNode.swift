import XPMProtocol

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
        try checkMarks(text)
        try TOMLBounds.check(text)
        return try TOMLNode(try parsed(text), depth: 1)
    }

    private static func parsed(_ text: String) throws(TemplateFault) -> TOMLTable {
        do {
            return try TOMLTable(string: text)
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

    /// Also a text that is written in escapes may have them.
    private static func checkMarks(_ text: String) throws(TemplateFault) {
        guard CombiningMarks.areBounded(in: text) else {
            throw TemplateFault("", "a text has more than 30 combining characters in a row")
        }
    }

    private init(_ table: TOMLTable, depth: Int) throws(TemplateFault) {
        guard depth <= TOMLBounds.depthLimit else {
            throw TemplateFault("", "tables are nested deeper than \(TOMLBounds.depthLimit) levels")
        }
        var members: [String: TOMLNode] = [:]
        for (key, value) in table {
            try Self.checkMarks(key)
            // The parser compares bytes; here, as in the protocol, two forms of one text are the same.
            guard members.updateValue(try TOMLNode(value, depth: depth), forKey: key) == nil else {
                throw TemplateFault("", "the key '\(key)' occurs twice in a table, in two Unicode forms")
            }
        }
        self = .table(members)
    }

    private init(_ value: any TOMLValueConvertible, depth: Int) throws(TemplateFault) {
        if let table = value.table {
            try self.init(table, depth: depth + 1)
        } else if let array = value.array {
            guard depth < TOMLBounds.depthLimit else {
                throw TemplateFault("", "arrays are nested deeper than \(TOMLBounds.depthLimit) levels")
            }
            var elements: [TOMLNode] = []
            for element in array { elements.append(try TOMLNode(element, depth: depth + 1)) }
            self = .array(elements)
        } else if let text = value.string {
            try Self.checkMarks(text)
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
