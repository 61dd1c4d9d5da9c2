import Glibc

/// Reads the log of one service, page by page, while it is written, rotated and cleared by another process. Blocks on its files: for
/// a worker thread. Any number may read one log.
///
/// Both streams come in one order: by attempt, then by when the first byte of a line arrived (`LogOrder`, `LogMerge`). Of one stream
/// the order is never changed. A line that is not finished is overtaken by what is newer: what there is of it is given out then, and
/// its rest when it comes (`LogEntry.Flags.continues`).
public struct LogReader: Sendable {
    /// Bytes of a line that are matched.
    public static let matchLimit = 1 << 20

    let paths: [(stream: LogStream, path: String)]

    /// The log with these files; nil for a stream that has none. If both are the same file, it is one stream, standard output.
    public init(stdout: String?, stderr: String?) {
        paths = [(.stdout, stdout), (.stderr, stderr == stdout ? nil : stderr)].compactMap { stream, path in
            path.map { (stream, $0) }
        }
    }

    /// Those that have a file.
    public var streams: Set<LogStream> { Set(paths.map(\.stream)) }

    var streamPaths: [String] { paths.map(\.path) }

    func streamPaths(of cursor: LogCursor) -> [String] {
        paths.filter { cursor[$0.stream] != nil }.map(\.path)
    }

    /// The next page, or the first one; empty where there is nothing new. With a cursor the conditions should be those of its page.
    public func page(_ query: LogQuery) throws(LogReadError) -> LogPage {
        let paths = paths.filter { query.streams.contains($0.stream) }
        if let cursor = query.cursor {
            for (stream, _) in paths where cursor[stream] == nil { throw .otherStreams }
        }
        let stamp = FileStamp(paths.map(\.path)).value
        var (files, late) = try Self.look(paths)
        var page = LogPage()
        if files.contains(where: { $0.files.isUnsettled }) {
            // Somebody renames without end. The next look may have more luck.
            page.cursor = query.cursor ?? LogCursor(streams: paths.map(\.stream), wanted: query.lines)
            page.more = true
        } else {
            page = try Self.page(query, &files, late)
        }
        page.cursor.stamp = stamp
        page.faults = files.flatMap { $0.files.faults }
        return page
    }

    private static func page(
        _ query: LogQuery, _ files: inout [(stream: LogStream, files: StreamFiles)],
        _ late: LateLines?
    ) throws(LogReadError) -> LogPage {
        var cursor = query.cursor ?? LogCursor(streams: files.map(\.stream), wanted: nil)
        var search = LastLines(files, query, late)
        if let found = try search.run() {
            cursor = found
            if cursor.wanted > 0 {
                var page = LogPage()
                (page.cursor, page.more) = (cursor, true)
                return page
            }
        }
        var readers: [StreamReader] = []
        for (stream, files) in files {
            let place = cursor[stream] ?? LogCursor.Place()
            cursor[stream] = place
            if let reader = try StreamReader(stream, files, from: place) { readers.append(reader) }
        }
        var builder = PageBuilder(query: query, readers: readers, late: late, spent: search.work)
        try builder.build()
        builder.page.cursor = cursor
        for reader in builder.readers {
            builder.page.cursor[reader.stream] = reader.here
            builder.page.lost += reader.losses
            if let tail = reader.files.tail, tail.isTruncated() { reader.files.tell(.missingBytes(path: tail.path)) }
        }
        return builder.page
    }

    /// Opens what there is. Standard output is looked at before standard error and again after it: so of each line that is
    /// seen there, what came before it in the other stream is seen, too, given that one process writes both.
    private static func look(
        _ paths: [(stream: LogStream, path: String)]
    ) throws(LogReadError) -> (files: [(stream: LogStream, files: StreamFiles)], late: LateLines?) {
        var files: [(stream: LogStream, files: StreamFiles)] = []
        var seen: LateLines?
        for (stream, path) in paths {
            let found = try StreamFiles(path)
            files.append((stream, found))
            // Also where nothing is written to just now, and the folder is to be read: it counts as it is at this moment.
            let newest = try found.newest()
            seen = seen ?? LateLines(log: newest?.log, position: newest?.endPosition ?? 0)
        }
        guard files.count > 1 else { return (files, nil) }
        if files[0].files.isCurrent {
            do throws(LogFileError) { try files[0].files.tail?.look() } catch { throw .file(error) }
        } else {
            files[0].files = try StreamFiles(paths[0].path)
            _ = try files[0].files.newest()
        }
        return (files, seen)
    }
}
