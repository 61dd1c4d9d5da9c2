/// Finds where the last so many lines of all streams begin, in their common order, from the end backwards.
struct LastLines {
    private let files: [(stream: LogStream, files: StreamFiles)]
    private let query: LogQuery
    private var finders: [LineFinder] = []
    /// What has come of standard output since the other stream was looked at: of that other one there may be lines between.
    private let late: LateLines?
    /// Those of which a line was found.
    private var found: Set<LogStream> = []

    init(_ files: [(stream: LogStream, files: StreamFiles)], _ query: LogQuery, _ late: LateLines?) {
        (self.files, self.query, self.late) = (files, query, late)
    }

    var work: Int { finders.reduce(0) { $0 + $1.work } }

    /// A cursor before the lines; where work was over, one that has some still to be found; nil where none are asked for.
    mutating func run() throws(LogReadError) -> LogCursor? {
        var cursor = query.cursor ?? LogCursor()
        if query.cursor == nil {
            guard let lines = query.lines else { return nil }
            cursor.wanted = UInt64(clamping: lines)
        } else if cursor.wanted == 0 {
            return nil
        }
        for (stream, files) in files {
            // One that has no files yet has no place either.
            let place = cursor[stream].flatMap { $0.log == 0 ? nil : $0 }
            finders.append(try LineFinder(files, query, from: place))
        }
        while cursor.wanted > 0 {
            var orders: [LogStream: LogOrder] = [:]
            for index in finders.indices {
                let others = work - finders[index].work
                let last = try finders[index].last(atMost: query.workLimit - others)
                guard last.isKnown else { return places(cursor) { $0.progress } }
                orders[files[index].stream] = last.order
            }
            guard let last = LogMerge.last(stdout: orders[.stdout], stderr: orders[.stderr]),
                let index = files.firstIndex(where: { $0.stream == last })
            else { break }
            if counts(finders[index], of: last) { cursor.wanted -= 1 }
            finders[index].take()
        }
        cursor.wanted = 0
        return places(cursor) { $0.place }
    }

    /// Whether the last line of a stream is one of those that are wanted; others are given out in addition, or not yet. What comes before a
    /// line of the other stream is neither late nor waited for. Whoever goes on from a cursor does not know what was late then.
    private mutating func counts(_ finder: LineFinder, of stream: LogStream) -> Bool {
        found.insert(stream)
        guard let last = finder.last, !found.contains(stream.other) else { return true }
        let isLate = stream == .stdout && late?.contains(log: last.place.log, position: last.place.position) == true
        return !isLate && (last.isFinished || query.givesUnfinished)
    }

    private func places(_ cursor: LogCursor, _ place: (LineFinder) -> LogCursor.Place) -> LogCursor {
        var cursor = cursor
        for (file, finder) in zip(files, finders) { cursor[file.stream] = place(finder) }
        return cursor
    }
}
