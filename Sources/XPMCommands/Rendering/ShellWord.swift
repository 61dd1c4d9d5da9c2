import XPMProtocol

/// A word as one would type it into a shell.
enum ShellWord {
    static func quoted(_ word: String) -> String {
        let isPlain =
            !word.isEmpty
            && word.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"):
                    true
                default: "_-./=:,@%+".utf8.contains(byte)
                }
            }
        return isPlain
            ? word : "'" + word.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
    }

    /// What a shell would read in a word that has been begun, its quotes left open or not; nothing in it is expanded. With `escapesOnly`
    /// nil where there is a quote in it.
    static func unquoted(_ typed: String, escapesOnly: Bool = false) -> String? {
        var result = ""
        var quote: Character?
        var isEscaped = false
        for character in typed {
            if isEscaped {
                if quote == "\"", !"\\$`\"".contains(character) { result.append("\\") }
                result.append(character)
                isEscaped = false
            } else if character == "\\", quote != "'" {
                isEscaped = true
            } else if character == quote {
                quote = nil
            } else if quote == nil, character == "'" || character == "\"" {
                if escapesOnly { return nil }
                quote = character
            } else {
                result.append(character)
            }
        }
        return result
    }
}

extension ServiceIdentity {
    /// The full name as it is typed behind a verb: what a hint says may be pasted into a shell, and names may be anything.
    var typedName: String { ShellWord.quoted(fullName) }
}
