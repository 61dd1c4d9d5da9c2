import Glibc

/// How far an event file was read.
struct EventProgress {
    var inode: UInt = 0
    /// Behind the last whole line.
    var offset: Int64 = 0
}

/// Reads what event files have in them since they were last read.
struct EventReading {
    /// So much of a file is read at once.
    private static let piece = 1 << 20
    /// Files beyond that are read no further; 1280 events fit in many times.
    private static let fileLimit: Int64 = 64 << 20

    var progress: [String: EventProgress] = [:]

    /// Calls back with each whole line that is new in a file.
    mutating func read(_ name: String, in folder: Folder, line: (ArraySlice<UInt8>) -> Void) {
        guard let file = try? PlainFile(name, in: folder) else { return }
        var here = progress[name] ?? EventProgress(inode: file.stamp.inode)
        if here.inode != file.stamp.inode || here.offset > file.stamp.size {
            here = EventProgress(inode: file.stamp.inode)
        }
        var rest: [UInt8] = []
        var position = here.offset
        while position < Self.fileLimit {
            let bytes = file.bytes(from: position, limit: Self.piece)
            guard !bytes.isEmpty else { break }
            position += Int64(bytes.count)
            rest += bytes
            guard let end = rest.lastIndex(of: UInt8(ascii: "\n")) else {
                // A line that long is nobody's event; what follows it may be.
                if rest.count > ServiceAddition.lineLimit { here.offset = position; rest = [] }
                continue
            }
            for text in rest[..<end].split(separator: UInt8(ascii: "\n")) { line(text) }
            here.offset = position - Int64(rest.count - end - 1)
            rest.removeSubrange(...end)
        }
        progress[name] = here
    }
}
