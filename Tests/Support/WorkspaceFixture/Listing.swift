import FoundationEssentials
import Glibc

/// All that stands below a folder, with sizes, modes, times of change, and the bytes of files.
public struct Listing: Equatable {
    private var entries: [String: [Int]] = [:]

    /// As it is now.
    public init(_ root: String) throws {
        for name in [""] + (try FileManager.default.subpathsOfDirectory(atPath: root)) {
            var status = stat()
            guard lstat("\(root)/\(name)", &status) == 0 else { continue }
            let content = FileManager.default.contents(atPath: "\(root)/\(name)").map { Array($0).hashValue } ?? 0
            entries[name] = [
                Int(status.st_ino), Int(status.st_mode), Int(status.st_size), Int(status.st_nlink),
                Int(status.st_mtim.tv_sec), Int(status.st_mtim.tv_nsec), Int(status.st_ctim.tv_sec),
                Int(status.st_ctim.tv_nsec), content,
            ]
        }
    }
}
