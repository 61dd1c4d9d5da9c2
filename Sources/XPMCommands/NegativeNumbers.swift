/// Values below zero, which ArgumentParser takes for options: `--restart-limit -3` would be an option without a value.
enum NegativeNumbers {
    /// The command line with such values joined to their options, so that each option itself says what it takes.
    static func joined(_ arguments: [String]) -> [String] {
        var joined: [String] = []
        var rest = arguments[...]
        while let word = rest.popFirst() {
            guard word != "--" else { return joined + [word] + rest }
            if isNegative(word), let option = joined.last, option.hasPrefix("-"), !option.contains("="),
                !isNegative(option)
            {
                joined[joined.endIndex - 1] = option + "=" + word
            } else {
                joined.append(word)
            }
        }
        return joined
    }

    private static func isNegative(_ word: String) -> Bool {
        word.utf8.first == UInt8(ascii: "-")
            && (word.utf8.dropFirst().first.map { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } ?? false)
    }
}
