/// The rules for names of experiments, runs and services. They become folder names and parts of full names.
public enum Name {
    /// The most bytes of UTF-8 in one name.
    public static let limit = Limit.name.most

    /// Accepts a name, or says in an `invalidName` error what is wrong with it.
    ///
    /// Refused are the empty name, `.` and `..`, more than `limit` bytes, `/`, `@`, `:`, control characters, and white space at either end.
    public static func validate(_ name: String, of thing: String) throws(WireError) {
        if let fault = fault(in: name) {
            throw WireError(
                .invalidName, "cannot use \(quoted(name)) as the name of \(thing): \(fault)",
                data: ["name": .string(name)])
        }
    }

    private static func fault(in name: String) -> String? {
        if name.isEmpty { return "it is empty" }
        if name.utf8.count > limit { return "it has more than \(limit) bytes" }
        if name == "." || name == ".." { return "it is a folder's name" }
        if let scalar = name.unicodeScalars.first(where: isControl) {
            return "it has the control character U+\(String(scalar.value, radix: 16, uppercase: true))"
        }
        if let separator = name.unicodeScalars.first(where: { "/@:".unicodeScalars.contains($0) }) {
            return "it has a '\(separator)', which separates the parts of a full name"
        }
        if name.unicodeScalars.first?.properties.isWhitespace == true
            || name.unicodeScalars.last?.properties.isWhitespace == true
        {
            return "it begins or ends with white space"
        }
        return nil
    }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        // Format characters include the bidirectional overrides that make one name look like another.
        case .control, .lineSeparator, .paragraphSeparator, .format: true
        default: false
        }
    }

    /// The name in quotes with control characters escaped, safe to print.
    public static func quoted(_ name: String) -> String {
        let shown = name.unicodeScalars.prefix(limit).map {
            isControl($0) ? "\\u{\(String($0.value, radix: 16))}" : String($0)
        }
        return "'\(shown.joined())\(name.unicodeScalars.count > limit ? "…" : "")'"
    }
}
