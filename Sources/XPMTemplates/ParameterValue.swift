import XPMProtocol

/// Why a value does not fit its parameter.
struct ParameterFault: Error {
    let cause: String
}

extension TemplateRecord.Parameter {
    /// The value as the text of an argument. A path may also come as in a state dictionary, `{"__path__": "/x"}`.
    func text(of given: JSONValue, folder: String, home: String?) -> Result<String, ParameterFault> {
        let value = kind == .path ? given.path.map(JSONValue.string) ?? given : given
        if value.text?.utf8.contains(0) == true {
            return .failure(ParameterFault(cause: "an argument cannot hold a NUL character"))
        }
        switch (kind, value) {
        case (.string, .string(let text)):
            return .success(text)
        case (.path, .string(let path)):
            if path.isEmpty { return .failure(ParameterFault(cause: "the path is empty")) }
            return .success(WrittenPath.absolute(path, in: folder) { HomeFolders.folder(of: $0, own: home) })
        case (.integer, .integer(let number)):
            return .success(String(number))
        case (.integer, .string(let text)):
            guard let number = Int64(text) else {
                return .failure(ParameterFault(cause: "\(Name.quoted(text)) is not an integer"))
            }
            return .success(String(number))
        case (.boolean, .bool(let truth)):
            return .success(String(truth))
        case (.boolean, .string(let text)):
            guard text == "true" || text == "false" else {
                return .failure(ParameterFault(cause: "\(Name.quoted(text)) is neither true nor false"))
            }
            return .success(text)
        default:
            return .failure(ParameterFault(cause: "\(value.kind) where \(expectation) is expected"))
        }
    }

    private var expectation: String {
        switch kind {
        case .string: "a string"
        case .path: "a path"
        case .integer: "an integer"
        case .boolean: "true or false"
        }
    }
}

extension JSONValue {
    /// The path of an object that has nothing else.
    fileprivate var path: String? {
        guard case .object(let fields) = self, fields.count == 1 else { return nil }
        return fields["__path__"]?.text
    }

    /// What kind of value it is, for people.
    fileprivate var kind: String {
        switch self {
        case .null: "null"
        case .bool: "a boolean"
        case .integer: "an integer"
        case .number: "a number"
        case .string: "a string"
        case .array: "an array"
        case .object: "an object"
        }
    }
}
