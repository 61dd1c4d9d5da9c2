import Glibc

/// All files of the log at a path, as its folder has them.
public struct LogFiles: Equatable, Sendable {
    /// Ours, oldest first: by the log's positions. The current file is the last one where it is there and ours.
    public var files: [LogFile] = []
    /// Regular files whose names could be the log's but which are not.
    public var foreign: [LogFile] = []
    /// Sidecars of this log whose data file is gone, or another file.
    public var orphans: [String] = []
    /// The highest number in any name of such a form, ours or not, 0 for none.
    public var highestNumber: UInt64 = 0

    /// The files of a log that has none yet.
    public init() {}

    /// Reads the folder. A link at `path` is to be resolved before (`LogPath`).
    public init(of path: String) throws(LogFileError) {
        let (folder, name) = LogName.split(path)
        // By number, 0 for the current file: no name has that one.
        var found: [UInt64: (hasData: Bool, hasSidecar: Bool)] = [:]
        for entry in try Folder.names(folder, beginning: name) {
            let isSidecar = entry.hasSuffix(LogName.sidecarSuffix)
            let data = isSidecar ? String(entry.dropLast(LogName.sidecarSuffix.count)) : entry
            let number = LogName.number(of: data, current: name)
            guard number != nil || data == name else { continue }
            if isSidecar {
                found[number ?? 0, default: (false, false)].hasSidecar = true
            } else {
                found[number ?? 0, default: (false, false)].hasData = true
            }
        }
        highestNumber = found.keys.max() ?? 0
        var current: LogFile?
        for (number, names) in found.sorted(by: { $0.key < $1.key }) {
            let rotation = number == 0 ? nil : number
            let dataPath = rotation.map { LogName.rotated(path, $0) } ?? path
            let file = try LogFile(dataPath, rotation: rotation)
            switch file {
            case let file? where file.isOurs && rotation == nil: current = file
            case let file? where file.isOurs: files.append(file)
            default:
                if names.hasSidecar { orphans.append(LogName.sidecar(of: dataPath)) }
                if names.hasData, let file { foreign.append(file) }
            }
        }
        files.sort { ($0.header?.base ?? 0, $0.header?.number ?? 0) < ($1.header?.base ?? 0, $1.header?.number ?? 0) }
        if let current { files.append(current) }
    }

    /// The file that is written to, where it is there and ours.
    public var current: LogFile? { files.last.flatMap { $0.rotation == nil ? $0 : nil } }
    /// Ours that are rotated, oldest first.
    public var rotated: [LogFile] { files.filter { $0.rotation != nil } }
}
