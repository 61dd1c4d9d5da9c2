import ArgumentParser
import Glibc
import XPMClient

/// What may be meant by a word of a command behind `--`: the command itself, or files for its arguments.
enum CommandLineWords {
    static let completion = CompletionKind.custom { words, index, typed in
        let before = words.prefix(index)
        guard let end = before.firstIndex(of: "--") else { return [] }
        let text = ShellWord.unquoted(typed) ?? typed
        let isCommand = before.index(after: end) == before.endIndex
        let found =
            !isCommand
            ? PathWords.beginning(with: text)
            : text.contains("/") ? PathWords.beginning(with: text, executable: true) : commands(beginning: text)
        return CompletionWord.offered(found, typed: typed)
    }

    /// The commands of PATH, each once, sorted.
    static func commands(beginning text: String, path: String? = ProcessEnvironment.current["PATH"]) -> [String] {
        var found: Set<String> = []
        // What `PATH` says of the current folder is no more than that folder.
        for folder in (path ?? "").split(separator: ":") where folder.hasPrefix("/") && found.count < PathWords.most {
            guard let open = PathLook.at(String(folder), { opendir(String(folder)) }) else { continue }
            defer { closedir(open) }
            while let entry = readdir(open), found.count < PathWords.most {
                let name = withUnsafePointer(to: entry.pointee.d_name) { pointer in
                    pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(validatingCString: $0) }
                }
                guard let name, name != ".", name != "..", name.hasPrefix(text), isProgram("\(folder)/\(name)") else {
                    continue
                }
                found.insert(name)
            }
        }
        return found.sorted()
    }

    private static func isProgram(_ path: String) -> Bool {
        var facts = stat()
        return PathLook.at(path) {
            stat(path, &facts) == 0 && facts.st_mode & S_IFMT == S_IFREG && access(path, X_OK) == 0
        }
    }
}
