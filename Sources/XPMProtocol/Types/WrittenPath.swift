/// A path as a person writes it: in an option, a template's parameter, or a file.
public enum WrittenPath {
    /// Whether it is an address and no path: `gs://bucket/runs`, `file:///runs`, `dbfs:/runs`. `./dbfs:/runs` is a path.
    public static func isAddress(_ text: String) -> Bool {
        guard let colon = text.utf8.firstIndex(of: UInt8(ascii: ":")) else { return false }
        let scheme = text.utf8[..<colon]
        guard scheme.count > 1, let first = scheme.first, isLetter(first), text[colon...].hasPrefix(":/") else {
            return false
        }
        return scheme.allSatisfy {
            isLetter($0) || UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 || "+-.".utf8.contains($0)
        }
    }

    /// The path seen from a folder, without `.` components; an address as it is.
    ///
    /// `~` and `~name` at the beginning are home folders, which `home` knows by the name, empty for the user's own; one that it does
    /// not know stays as it is, as in a shell. `..` stays: where it leads depends on symbolic links.
    public static func absolute(_ text: String, in folder: String, home: (String) -> String?) -> String {
        if isAddress(text) { return text }
        let whole = atHome(text, home) ?? (text.hasPrefix("/") ? text : "\(folder)/\(text)")
        return "/" + whole.split(separator: "/").filter { $0 != "." }.joined(separator: "/")
    }

    private static func atHome(_ text: String, _ home: (String) -> String?) -> String? {
        guard text.hasPrefix("~") else { return nil }
        let end = text.firstIndex(of: "/") ?? text.endIndex
        guard let folder = home(String(text[text.index(after: text.startIndex)..<end])), folder.hasPrefix("/") else {
            return nil
        }
        return folder + text[end...]
    }

    private static func isLetter(_ byte: UInt8) -> Bool { UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte | 0x20 }
}
