/// A command in one option, `curl -sf 'http://localhost/a b'`: words between blanks, quoted as in a shell. There is no shell, so that
/// nothing in it is expanded.
enum CommandWords {
    static func split(_ text: String) throws(Unreadable) -> [String] {
        var words: [String] = []
        var word: String?
        var quote: Character?
        var isEscaped = false
        for character in text {
            if isEscaped {
                // Within double quotes only these two need it, as in a shell.
                if quote == "\"" && character != "\"" && character != "\\" { word?.append("\\") }
                word = (word ?? "") + String(character)
                isEscaped = false
            } else if character == "\\" && quote != "'" {
                word = word ?? ""
                isEscaped = true
            } else if let open = quote {
                if character == open { quote = nil } else { word?.append(character) }
            } else if character == "'" || character == "\"" {
                word = word ?? ""
                quote = character
            } else if character.isWhitespace {
                if let done = word { words.append(done) }
                word = nil
            } else {
                word = (word ?? "") + String(character)
            }
        }
        guard quote == nil, !isEscaped else { throw Unreadable("it ends within quotes, or after a backslash") }
        if let done = word { words.append(done) }
        guard let command = words.first, !command.isEmpty else { throw Unreadable("it has no command") }
        return words
    }
}
