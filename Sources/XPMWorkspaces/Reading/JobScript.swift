import XPMProtocol

/// The script that experimaestro writes for a job, as far as it tells what runs it.
struct JobScript {
    var python: String
    /// What it puts in front of `sys.path`, in the order that comes of it.
    var path: [String] = []

    /// Scripts are short; what stands further behind is not looked at.
    static let limit = 256 << 10

    /// nil for a script of another kind.
    init?(_ bytes: [UInt8]) {
        let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
            .map { String(decoding: $0, as: UTF8.self) }
        guard lines.allSatisfy({ CombiningMarks.areBounded(in: $0) }), lines.count > 2, lines[0].hasPrefix("#!/"),
            lines[1] == "# Experimaestro generated task"
        else {
            return nil
        }
        python = String(lines[0].dropFirst(2))
        for line in lines {
            let call = "sys.path.insert(0, "
            let text = line.drop { $0 == " " }
            guard text.hasPrefix(call), text.hasSuffix(")"),
                let folder = PythonLiteral.string(text.dropFirst(call.count).dropLast())
            else { continue }
            // Each one comes before those that were put there earlier.
            path.removeAll { $0 == folder }
            path.insert(folder, at: 0)
        }
    }
}

/// Strings as Python's `repr` writes them.
enum PythonLiteral {
    static func string(_ literal: some StringProtocol) -> String? {
        let scalars = Array(literal.unicodeScalars)
        guard scalars.count >= 2, let quote = scalars.first, quote == "'" || quote == "\"", scalars.last == quote else {
            return nil
        }
        var text = String.UnicodeScalarView()
        var rest = scalars.dropFirst().dropLast()
        while let scalar = rest.popFirst() {
            guard scalar == "\\" else {
                text.append(scalar)
                continue
            }
            switch rest.popFirst() {
            case "n": text.append("\n")
            case "t": text.append("\t")
            case "r": text.append("\r")
            case let width? where width == "x" || width == "u" || width == "U":
                let digits = rest.prefix(width == "x" ? 2 : width == "u" ? 4 : 8)
                guard let code = UInt32(String(String.UnicodeScalarView(digits)), radix: 16),
                    let escaped = Unicode.Scalar(code)
                else { return nil }
                rest.removeFirst(digits.count)
                text.append(escaped)
            case let escaped?: text.append(escaped)
            case nil: return nil
            }
        }
        return String(text)
    }
}
