import XPMProtocol

/// What may follow on a command line of `xpmctl start`.
struct StartWords {
    /// The names of services that can be started.
    var names: [String]
    var templates: [TemplateRecord]

    /// The words that may stand behind those that are `written`, where `typed` has been begun.
    func behind(_ written: some BidirectionalCollection<String>, typed: String) -> [String] {
        let path = ShellWord.unquoted(typed) ?? typed
        // Arguments of the template's own command; with nothing before it, `--` only ends options.
        if let end = written.lastIndex(of: "--"), written[..<end].contains(where: isNamed) {
            return PathWords.beginning(with: path)
        }
        let template = templates.first { written.contains($0.name) }
        let options = (template?.parameters ?? []).map { (option: "--\($0.name)", parameter: $0) }
        if let last = options.first(where: { $0.option == written.last }), last.parameter.kind != .boolean {
            return last.parameter.kind == .path ? PathWords.beginning(with: path) : []
        }
        if typed.hasPrefix("-") { return options.map(\.option) }
        let usable = templates.filter { $0.fault == nil }.map(\.name)
        return names + usable.filter { !names.contains($0) }
    }

    private func isNamed(_ word: String) -> Bool { templates.contains { $0.name == word } }
}
