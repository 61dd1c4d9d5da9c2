extension LogReader {
    /// The position behind the last byte of each stream that has a file; 0 where nothing was written yet.
    public func ends() throws(LogReadError) -> [LogStream: UInt64] {
        var ends: [LogStream: UInt64] = [:]
        for (stream, path) in paths { ends[stream] = try StreamFiles(path).newest()?.endPosition ?? 0 }
        return ends
    }
}

extension LogQuery {
    /// The same, going on behind a page.
    public func after(_ page: LogPage) -> LogQuery {
        var next = self
        next.cursor = page.cursor
        return next
    }
}
