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

    /// One log file that nobody owns.
    struct Orphan {
        var path: String
        var bytes: Int64
        /// When it was last written to, in milliseconds since 1970.
        var changed: Int64
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
                let orphan = Orphan(
                    path: path, bytes: Int64(clamping: status.st_blocks).clampedProduct(512),
                    changed: Int64(status.st_mtim.tv_sec).clampedProduct(1000))
                if wanted(orphan) { found.append(orphan) }
            default: break
            }
        }
    }

    /// Deletes a file, and the folders that it leaves empty.
    func delete(_ path: String) {
        unlink(path)
        var parent = path
        while let slash = parent.lastIndex(of: "/") {
            parent = String(parent[..<slash])
            guard parent.hasPrefix(folder + "/"), rmdir(parent) == 0 else { return }
        }
    }

    /// Of `…/ID.KEY.out.3`, a file that stands beside a log, the log `…/ID.KEY.out`; nil for what has no log's name.
    static func log(of path: String) -> String? {
        var parts = path.split(separator: ".", omittingEmptySubsequences: false)[...]
        let endings: Set<Substring> = ["out", "err"]
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

extension Int64 {
    /// The product, or the largest number where that has no room for it.
    fileprivate func clampedProduct(_ factor: Int64) -> Int64 {
        let product = multipliedReportingOverflow(by: factor)
        return product.overflow ? .max : product.partialValue
    }
}
