import ArgumentParser
import XPMProtocol

/// A word in the place of a verb that is none, `xpmctl strat` or `xpmctl help strat`, which ArgumentParser would call an unexpected
/// argument, or pass over.
struct Misspelling: Equatable {
    /// The words before it: `xpmctl`, `xpmctl daemon`.
    var command: String
    var word: String
    /// What may have been meant.
    var suggestions: [String]

    /// Nil where every verb of the command line is one.
    init?(in arguments: [String]) {
        var rest = arguments[...]
        var verbs = Verb.all(below: Xpmctl.configuration)
        var path = "xpmctl"
        var isFirst = true
        // Behind an option of a command that is run where none is named, words are that command's.
        var hasDefault = false
        while !verbs.isEmpty, let word = rest.popFirst() {
            if word == "--socket" {
                rest = rest.dropFirst()
            } else if word.hasPrefix("-") {
                // Whatever is behind `--` is no verb, and neither is what ArgumentParser answers by itself.
                if hasDefault || word == "--" || word == "---completion"
                    || word.hasPrefix("--generate-completion-script")
                {
                    return nil
                }
            } else if word == "help", isFirst {
                isFirst = false
            } else if let verb = verbs.first(where: { $0.names.contains(word) }) {
                (verbs, isFirst) = (Verb.all(below: verb.configuration), false)
                hasDefault = verb.configuration.defaultSubcommand != nil || verb.runsByItself
                path += " " + verb.names[0]
            } else {
                command = path
                self.word = word
                suggestions =
                    (path == "xpmctl" ? Self.others[word] : nil)
                    ?? Suggestion.close(to: word, in: verbs.map { $0.names[0] })
                return
            }
        }
        return nil
    }

    /// Words of other tools, and what they are here.
    private static let others = [
        "version": ["--version"], "ps": ["list"], "top": ["list --usage"], "kill": ["signal", "stop"],
        "run": ["start", "add"], "show": ["status"], "info": ["status", "inspect"], "log": ["logs"],
        "journal": ["logs"], "enable": ["add"], "delete": ["remove"], "up": ["start"], "down": ["stop"],
    ]

    /// What is wrong, and what to do next, a line each.
    var lines: [String] {
        let known = suggestions.map { "`\(command) \($0)`" }
        let advice =
            known.isEmpty
            ? "`\(command) --help` lists the commands" : "did you mean \(known.joined(separator: " or "))?"
        return ["xpmctl: unknown command \(Name.quoted(word))", "hint: \(advice)"]
    }
}

/// A command that does something where none of its subcommands is named.
protocol RunsByItself {}

/// A command as its configuration has it.
private struct Verb {
    /// Its name, then its aliases.
    var names: [String]
    var configuration: CommandConfiguration
    var runsByItself: Bool

    static func all(below command: CommandConfiguration) -> [Verb] {
        command.subcommands.map { type in
            let configuration = type.configuration
            return Verb(
                names: [configuration.commandName ?? type._commandName] + configuration.aliases,
                configuration: configuration, runsByItself: type is any RunsByItself.Type)
        }
    }
}
