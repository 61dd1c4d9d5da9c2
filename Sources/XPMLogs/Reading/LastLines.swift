/// Finds where the last so many lines of all streams begin, in their common order, from the end backwards.
struct LastLines {
    private let files: [(stream: LogStream, files: StreamFiles)]
    private let query: LogQuery
    private var finders: [LineFinder] = []
    /// What has come of standard output since the other stream was looked at does not count: of that other one there may be lines between.
    private let late: LateLines?

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
            finders.append(try LineFinder(files, query, from: place, until: stream == .stdout ? late : nil))
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
            finders[index].take()
            cursor.wanted -= 1
        }
        cursor.wanted = 0
        return places(cursor) { $0.place }
    }

    private func places(_ cursor: LogCursor, _ place: (LineFinder) -> LogCursor.Place) -> LogCursor {
        var cursor = cursor
        for (file, finder) in zip(files, finders) { cursor[file.stream] = place(finder) }
        return cursor
    }
}
