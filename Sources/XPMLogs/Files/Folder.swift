import Glibc

/// Names in folders.
enum Folder {
    /// Those that begin so; what is not UTF-8 is none of ours.
    static func names(_ path: String, beginning: String) throws(LogFileError) -> [String] {
        guard let stream = opendir(path) else { throw LogFileError(cannot: "read folder \(path)", errno) }
        defer { closedir(stream) }
        var names: [String] = []
        errno = 0
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes -> String? in
                let name = bytes.prefix { $0 != 0 }
                return name.starts(with: beginning.utf8) ? String(validating: name, as: UTF8.self) : nil
            }
            if let name { names.append(name) }
        }
        guard errno == 0 else { throw LogFileError(cannot: "read folder \(path)", errno) }
        return names
    }

    /// Makes the folders that a file's path goes through, where they are missing: 0700. What cannot be made is told by who opens the file.
    static func make(for path: String) {
        for index in path.indices.dropFirst() where path[index] == "/" { mkdir(String(path[..<index]), 0o700) }
    }

    /// Makes what was renamed, made or removed in it last through a power cut.
    static func sync(_ path: String) throws(LogFileError) {
        let number = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard number >= 0 else { throw LogFileError(cannot: "open folder \(path)", errno) }
        defer { close(number) }
        guard fsync(number) == 0 else { throw LogFileError(cannot: "sync folder \(path)", errno) }
    }
}
