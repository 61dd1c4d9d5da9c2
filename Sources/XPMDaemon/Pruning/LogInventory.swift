import Glibc
import XPMProtocol

/// The log files below the state folder, and which of them belong to no service. Reads and deletes, so it runs on a thread of its own.
struct LogInventory: Sendable {
    /// The folder of all logs.
    let folder: String
    /// The logs of all services, without what stands beside them.
    let owned: Set<String>

    /// Folders of experiments, runs and composites, and one more.
    private static let depth = 4

    /// One log file that nobody owns, or whose owner is removed.
    struct Orphan {
        var path: String
        var bytes: Int64
        /// When it was last written to, in milliseconds since 1970.
        var changed: Int64

        init(_ path: String, _ status: stat) {
            self.path = path
            bytes = Int64(clamping: status.st_blocks).clampedProduct(512)
            changed = Int64(status.st_mtim.tv_sec).clampedProduct(1000)
        }
    }

    /// Those `wanted` of the files that have the name of a log and belong to no service, at most `limit`; whatever else there is, is
    /// passed over.
    func orphans(limit: Int, where wanted: (Orphan) -> Bool) -> [Orphan] {
        var found: [Orphan] = []
        collect(folder, Self.depth, limit, wanted, &found)
        return found
    }

    private func collect(
        _ folder: String, _ depth: Int, _ limit: Int, _ wanted: (Orphan) -> Bool, _ found: inout [Orphan]
    ) {
        for name in Self.names(in: folder) where found.count < limit {
            let path = "\(folder)/\(name)"
            var status = stat()
            guard lstat(path, &status) == 0 else { continue }
            switch status.st_mode & S_IFMT {
            case S_IFDIR where depth > 0: collect(path, depth - 1, limit, wanted, &found)
            case S_IFREG:
                guard let log = Self.log(of: path), !owned.contains(log) else { continue }
                let orphan = Orphan(path, status)
                if wanted(orphan) { found.append(orphan) }
            default: break
            }
        }
    }

    /// The files of some logs: these themselves and what stands beside them.
    func files(of logs: Set<String>) throws(LogFault) -> [Orphan] {
        var found: [Orphan] = []
        for (folder, logs) in Dictionary(grouping: logs, by: Self.parent).sorted(by: { $0.key < $1.key }) {
            let descriptor = open(folder: folder)
            guard descriptor >= 0 else {
                if errno == ENOENT { continue }
                throw LogFault(.delete, path: logs.min() ?? folder)
            }
            defer { close(descriptor) }
            for name in Self.names(in: folder) {
                let path = "\(folder)/\(name)"
                var status = stat()
                guard Self.log(of: path).map(logs.contains) == true,
                    fstatat(descriptor, name, &status, AT_SYMLINK_NOFOLLOW) == 0, status.st_mode & S_IFMT == S_IFREG
                else { continue }
                found.append(Orphan(path, status))
            }
        }
        return found
    }

    /// Deletes a file, and the folders that it leaves empty. No link on the way to it is followed.
    func delete(_ path: String) throws(LogFault) {
        guard remove(path, flags: 0) || errno == ENOENT else { throw LogFault(.delete, path: path) }
        var parent = Self.parent(of: path)
        while parent.hasPrefix(folder + "/"), remove(parent, flags: AT_REMOVEDIR) { parent = Self.parent(of: parent) }
    }

    private func remove(_ path: String, flags: Int32) -> Bool {
        let descriptor = open(folder: Self.parent(of: path))
        guard descriptor >= 0 else { return false }
        let outcome = unlinkat(descriptor, path.split(separator: "/").last.map(String.init) ?? "", flags)
        let reason = errno
        close(descriptor)
        errno = reason
        return outcome == 0
    }

    /// A descriptor of a folder below the one of all logs, which itself may be a link; negative, with errno, for none.
    private func open(folder path: String) -> Int32 {
        guard path == folder || path.hasPrefix(folder + "/") else {
            errno = ENOENT
            return -1
        }
        var descriptor = Glibc.open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        for name in path.dropFirst(folder.count).split(separator: "/") where descriptor >= 0 {
            let next = openat(descriptor, String(name), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
            let reason = errno
            close(descriptor)
            errno = reason
            descriptor = next
        }
        return descriptor
    }

    private static func parent(of path: String) -> String {
        String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)])
    }

    /// Of `…/ID.KEY.out.3.times`, a file that stands beside a log, the log `…/ID.KEY.out`; nil for what has no log's name. `.idx` and
    /// `.state` are those of version 0.1.0.
    static func log(of path: String) -> String? {
        var parts = path.split(separator: ".", omittingEmptySubsequences: false)[...]
        let endings: Set<Substring> = ["out", "err"]
        if parts.suffix(2) == ["state", "unreadable"] { parts.removeLast() }
        if parts.last == "times" { parts.removeLast() }
        if let last = parts.last, !endings.contains(last) {
            guard last == "idx" || last == "state" || !last.isEmpty && last.allSatisfy({ ("0"..."9").contains($0) })
            else { return nil }
            parts.removeLast()
        }
        guard parts.count >= 3, endings.contains(parts.last ?? ""), let key = parts.dropLast().last, !key.isEmpty,
            key.allSatisfy({ ("0"..."9").contains($0) })
        else { return nil }
        return parts.joined(separator: ".")
    }

    private static func names(in folder: String) -> [String] {
        guard let stream = opendir(folder) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: Int(NAME_MAX) + 1) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }
}
