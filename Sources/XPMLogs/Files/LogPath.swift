import Glibc

/// Where a log lies whose path leads over links.
public enum LogPath {
    /// As open(2) would go on.
    private static let longestChain = 40

    /// Follows links that the path itself is, to where a file is or would be made: the files of a log lie beside that one. Links among
    /// its folders stay.
    public static func resolve(_ path: String) throws(LogFileError) -> String {
        var path = path
        for _ in 0..<longestChain {
            guard let target = target(of: path) else { return path }
            path = target.hasPrefix("/") ? target : LogName.split(path).folder + "/" + target
        }
        throw LogFileError(cannot: "open \(path)", ELOOP)
    }

    /// Nil where it is no link.
    private static func target(of path: String) -> String? {
        withUnsafeTemporaryAllocation(byteCount: Int(PATH_MAX), alignment: 1) { buffer in
            guard let start = buffer.baseAddress else { return nil }
            let count = readlink(path, start, buffer.count)
            guard count > 0, count < buffer.count else { return nil }
            return String(decoding: buffer[..<count], as: UTF8.self)
        }
    }
}
