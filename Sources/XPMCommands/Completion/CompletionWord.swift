import ArgumentParser

/// Which words are offered to a shell for completion, and in which form.
///
/// Names come from files that others may write, and shells read more in a word than its letters: bash expands what it is
/// offered, commands in it included. So only words are offered in which no shell sees anything but themselves.
enum CompletionWord {
    /// What stands in names beside letters and digits and means nothing to bash, zsh and fish.
    private static let harmless = Set("._@:/+-,=%".unicodeScalars)

    /// The words that may be offered, as the shell that asks reads them.
    static func offered(_ words: [String], to shell: String? = CompletionShell.requesting?.rawValue) -> [String] {
        words.filter(isPlain).map { word in
            // zsh takes what follows a ':' for a description.
            shell == "zsh" ? String(word.flatMap { $0 == ":" ? "\\:" : String($0) }) : word
        }
    }

    /// Whether the word is read as it stands by every shell, and by xpmctl as a name or as an option of a template.
    static func isPlain(_ word: String) -> Bool {
        let name = word.hasPrefix("--") ? word.dropFirst(2) : word[...]
        // To zsh a word that begins with '=' is the path of a command.
        guard let first = name.unicodeScalars.first, first != "-", first != "=" else { return false }
        return name.unicodeScalars.allSatisfy { harmless.contains($0) || isOfWords($0) }
    }

    private static func isOfWords(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .decimalNumber,
            .nonspacingMark, .spacingMark:
            true
        default: false
        }
    }
}
