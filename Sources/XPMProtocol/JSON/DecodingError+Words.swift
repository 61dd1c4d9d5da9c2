extension DecodingError {
    /// Where the fault is and what it is, in words that need no knowledge of Swift: `a string where a number is expected`.
    public var words: (path: [String], cause: String) {
        let (context, cause): (Context, String) =
            switch self {
            case .typeMismatch(let type, let context), .valueNotFound(let type, let context):
                (
                    context,
                    Self.expectation(type).map { "\(context.found) where \($0) is expected" }
                        ?? context.debugDescription
                )
            case .keyNotFound(_, let context), .dataCorrupted(let context): (context, context.debugDescription)
            @unknown default: (Context(codingPath: [], debugDescription: ""), "it has the wrong form")
            }
        return (context.codingPath.map(\.stringValue), cause)
    }

    private static func expectation(_ type: any Any.Type) -> String? {
        switch type {
        case is Bool.Type: "true or false"
        case is String.Type: "a string"
        case is Double.Type, is Float.Type: "a number"
        case is any FixedWidthInteger.Type: "a whole number"
        case is [JSONValue].Type: "an array"
        case is [String: JSONValue].Type: "a table"
        default: nil
        }
    }
}

extension DecodingError.Context {
    /// What is there: the decoder says `it is a string`.
    fileprivate var found: String {
        debugDescription.hasPrefix("it is ") ? String(debugDescription.dropFirst("it is ".count)) : debugDescription
    }
}
