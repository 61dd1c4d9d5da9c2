extension Keymap {
    /// Reads `monitor.keys`: a line for each action, `stop = Ctrl+X, x`; `#` begins a comment. An action without keys is in the
    /// palette only. Two actions may swap their keys.
    init(settings text: String) throws(Fault) {
        self.init()
        var changes: [(action: Action, keys: [Key], line: Int)] = []
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        for (index, line) in lines.enumerated() {
            let line = Self.trimmed(line)
            guard !line.isEmpty, line.first != "#" else { continue }
            guard let equals = line.firstIndex(of: "=") else {
                throw Fault(message: "line \(index + 1) has no '='")
            }
            let name = Self.trimmed(line[..<equals])
            guard let action = Action(rawValue: String(name)) else {
                throw Fault(message: "line \(index + 1): there is no action '\(name.prefix(40))'")
            }
            guard !changes.contains(where: { $0.action == action }) else {
                throw Fault(message: "line \(index + 1): '\(name)' is there twice")
            }
            var keys: [Key] = []
            for part in line[line.index(after: equals)...].split(separator: ",") {
                let word = String(Self.trimmed(part))
                guard let key = Key(named: word) else {
                    throw Fault(message: "line \(index + 1): there is no key '\(word.prefix(40))'")
                }
                keys.append(key)
            }
            changes.append((action, keys, index + 1))
        }
        // All give up their keys before any gets new ones, so that keys may be swapped.
        for change in changes { try set(change.action, []) }
        for change in changes {
            do { try set(change.action, change.keys) } catch {
                throw Fault(message: "line \(change.line): \(error.message)")
            }
        }
    }

    private static func trimmed(_ text: Substring) -> Substring {
        var text = text
        while let first = text.first, first.isWhitespace { text.removeFirst() }
        while let last = text.last, last.isWhitespace { text.removeLast() }
        return text
    }
}
