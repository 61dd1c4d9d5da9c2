import ArgumentParser
import XPMProtocol

/// Which words are offered to a shell for completion, and in which form.
///
/// Names come from files that others may write, and a shell reads more in a word than its letters. What is offered is the word
/// quoted for the shell that asks, and a word that no quotes make harmless is not offered.
enum CompletionWord {
    /// What stands in names beside letters and digits and means nothing to bash, zsh and fish.
    private static let harmless = Set("._@:/+-,=%".unicodeScalars)

    /// The words that may be offered, as the shell that asks reads them. `typed` is what stands before the cursor, with its quotes.
    static func offered(
        _ words: [String], typed: String = "", to shell: String? = CompletionShell.requesting?.rawValue
    ) -> [String] {
        words.filter(isName).compactMap { word in
            switch shell {
            // Both quote what they put into the command line, but zsh no '!' as long as a completion runs, and that would be an
            // earlier command. It takes what follows a ':' for a description.
            // And a '~' that was typed as a home folder would be quoted.
            case "zsh" where word.hasPrefix("~/") && typed.hasPrefix("~/"): nil
            case "fish" where word.hasPrefix("~/") && typed.hasPrefix("~/"): nil
            case "zsh" where word.contains("!") && typed.first != "'": nil
            case "zsh": String(word.flatMap { $0 == ":" || $0 == "\\" ? "\\\($0)" : String($0) })
            case "fish": word
            case "bash": quoted(word, behind: typed)
            default: isPlain(word) ? word : nil
            }
        }
    }

    /// Whether xpmctl would read the word as a name, or as an option of a template, and a terminal shows what it is.
    private static func isName(_ word: String) -> Bool {
        let name = word.hasPrefix("--") ? word.dropFirst(2) : word[...]
        guard let first = name.unicodeScalars.first, first != "-", word == name || first != "=" else { return false }
        return !name.unicodeScalars.contains(where: ForeignText.isControl)
    }

    /// Whether every shell reads the word as it stands.
    static func isPlain(_ word: String) -> Bool {
        // To zsh a word that begins with '=' is the path of a command.
        isName(word) && !word.hasPrefix("=") && word.unicodeScalars.allSatisfy(isPlain)
    }

    private static func isPlain(_ scalar: Unicode.Scalar) -> Bool {
        if harmless.contains(scalar) { return true }
        return switch scalar.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .decimalNumber,
            .nonspacingMark, .spacingMark:
            true
        default: false
        }
    }

    /// The word as bash is to put it behind the quote that `typed` begins with; nil where it cannot stand there.
    private static func quoted(_ word: String, behind typed: String) -> String? {
        if isPlain(word) { return word }
        // Where it ends with that quote, bash takes the quote for closed already.
        if let quote = typed.first, "'\"".contains(quote), word.last == quote { return nil }
        switch typed.first {
        case "'": return word.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''")
        // Nothing keeps '!' from naming an earlier command there.
        case "\"": return word.contains("!") ? nil : escaped(word) { "\\$`\"".unicodeScalars.contains($0) }
        // Quotes in the middle: the words that need some are left out.
        case _ where ShellWord.unquoted(typed, escapesOnly: true) == nil: return nil
        default:
            // A home folder that was typed as such.
            let home = typed.hasPrefix("~/") && word.hasPrefix("~/") ? "~/" : ""
            return home + escaped(String(word.dropFirst(home.count))) { !isPlain($0) }
        }
    }

    private static func escaped(_ word: String, _ isSpecial: (Unicode.Scalar) -> Bool) -> String {
        var result = String.UnicodeScalarView()
        for scalar in word.unicodeScalars {
            if isSpecial(scalar) { result.append("\\") }
            result.append(scalar)
        }
        return String(result)
    }
}
