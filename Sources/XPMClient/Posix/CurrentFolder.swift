import Glibc
import XPMProtocol

/// The folder that this process is in.
public enum CurrentFolder {
    /// Its path. Throws `folderNotFound`, with the path that it had, where it was removed: a relative path leads nowhere then,
    /// and a service would run in another folder than its caller's; `invalidParameters` where it is not UTF-8, for nothing may be altered.
    public static var path: String {
        get throws(WireError) {
            if let text = getcwd(nil, 0) {
                defer { free(text) }
                if let path = String(validatingCString: text) { return path }
                throw WireError(.invalidParameters, "cannot use the current folder: its path is not UTF-8")
            }
            let cause = reason()
            guard let link = former else {
                throw WireError(.folderNotFound, "cannot tell the current folder: \(cause)")
            }
            throw WireError(
                .folderNotFound, "cannot use the current folder \(Name.quoted(link)): it was removed",
                data: ["current": true, "folder": .string(link)])
        }
    }

    /// Whether it is still there.
    public static var exists: Bool {
        guard let text = getcwd(nil, 0) else { return false }
        free(text)
        return true
    }

    /// What names of services are told apart by: `/` where it was removed, and above a name that is not UTF-8, which no request can hold,
    /// the folder that it is in.
    static var nearest: String {
        guard let text = getcwd(nil, 0) else { return "/" }
        defer { free(text) }
        var bytes = UnsafeBufferPointer(start: text, count: strlen(text)).map { UInt8(bitPattern: $0) }[...]
        while !bytes.isEmpty {
            if let path = String(validating: bytes, as: UTF8.self) { return path }
            bytes = bytes.prefix(upTo: bytes.lastIndex(of: UInt8(ascii: "/")) ?? bytes.startIndex)
        }
        return "/"
    }

    /// Where it was, as the kernel remembers.
    private static var former: String? {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = readlink("/proc/self/cwd", &buffer, buffer.count)
        guard count > 0 else { return nil }
        let path = String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let mark = " (deleted)"
        return path.hasSuffix(mark) ? String(path.dropLast(mark.count)) : path
    }
}
