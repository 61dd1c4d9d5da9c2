import Glibc

extension StreamFiles {
    /// Nil where there is no such file. What is no log is told, and counts as none.
    func open(_ path: String) throws(LogReadError) -> OpenFile? {
        do throws(LogFileError) {
            return try OpenFile.open(path, O_RDONLY | O_NOFOLLOW)
        } catch {
            switch error.errno {
            case ENOENT, ENOTDIR: break
            case 0, ENXIO, ENODEV, EACCES, EPERM, ELOOP:
                unusable.insert(path)
                tell(.unusable(path: path, reason: error.reason))
            default: throw .file(error)
            }
            return nil
        }
    }

    /// Numbers in names of the log's files, of data or sidecars, ascending.
    func list() throws(LogReadError) -> [UInt64] {
        let (folder, name) = LogName.split(path)
        var numbers: Set<UInt64> = []
        do throws(LogFileError) {
            for entry in try Folder.names(folder, beginning: name + ".") {
                let isSidecar = entry.hasSuffix(LogName.sidecarSuffix)
                let data = isSidecar ? String(entry.dropLast(LogName.sidecarSuffix.count)) : entry
                if let number = LogName.number(of: data, current: name) { numbers.insert(number) }
            }
        } catch {
            guard error.errno != ENOENT, error.errno != ENOTDIR else { return [] }
            throw .file(error)
        }
        return numbers.sorted()
    }
}
