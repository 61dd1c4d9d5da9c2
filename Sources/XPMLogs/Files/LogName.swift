/// Names of a log's files: `P`, `P.times`, `P.N`, `P.N.times`.
public enum LogName {
    /// What the name of a sidecar ends with.
    public static let sidecarSuffix = ".times"

    /// The sidecar of a data file.
    public static func sidecar(of path: String) -> String { path + sidecarSuffix }

    /// The data file number `number` of the log at `path`.
    public static func rotated(_ path: String, _ number: UInt64) -> String { "\(path).\(number)" }

    /// The number of a rotated data file, by its name and that of the log's current file; nil where it is none. Only as it would have been
    /// written: no leading zeros, no sign.
    public static func number(of name: String, current: String) -> UInt64? {
        guard name.utf8.count > current.utf8.count + 1, name.utf8.starts(with: current.utf8) else { return nil }
        let rest = name.utf8.dropFirst(current.utf8.count)
        guard rest.first == UInt8(ascii: ".") else { return nil }
        let digits = rest.dropFirst()
        guard digits.count <= 20, digits.first != UInt8(ascii: "0"),
            digits.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
        else { return nil }
        return UInt64(String(Substring(digits))).flatMap { $0 <= highest ? $0 : nil }
    }

    /// Beyond this nothing is counted: no log gets there, and nothing overflows.
    private static let highest: UInt64 = 1 << 62

    /// The log whose rotated file a path would be, by its name; nil where it has none of that form.
    static func log(ofRotated path: String) -> String? {
        guard let dot = path.lastIndex(of: "."), dot > path.startIndex else { return nil }
        let (log, name) = (String(path[..<dot]), split(path).name)
        return number(of: name, current: split(log).name) == nil ? nil : log
    }

    /// Folder and name of a path; the folder of a bare name is `.`.
    public static func split(_ path: String) -> (folder: String, name: String) {
        guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return (".", path) }
        let folder = path[..<slash]
        return (folder.isEmpty ? "/" : String(folder), String(path[path.utf8.index(after: slash)...]))
    }
}
