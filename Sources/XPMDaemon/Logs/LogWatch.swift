import XPMLogs

/// Tells of what may be new in a log, whatever of its files is written, renamed or made.
final class LogWatch {
    private let files: FileWatch
    private let onChange: () -> Void
    private var written: [String: FileWatch.Token] = [:]
    private var folders: [FileWatch.Token] = []

    /// A worker has gone the way to these paths just before, and made their folders where they can be made: inotify goes it on the loop.
    init(_ places: Places, _ files: FileWatch, onChange: @escaping () -> Void) {
        self.files = files
        self.onChange = onChange
        for path in places.files { written[path] = files.watchLater(path, onChange: onChange) }
        folders = places.folders.compactMap { folder in
            try? files.watch(folder, for: .names) { [weak self] in self?.renamed() }
        }
    }

    /// What is watched.
    struct Places: Sendable {
        var files: [String]
        var folders: [String]

        /// What a reader watches who goes on from a cursor. Resolves links, which may block.
        init(of reader: LogReader, from cursor: LogCursor? = nil) {
            (files, folders) = reader.watched
            // That the line will not go on is only told beside the data.
            if cursor?.isWithinLine == true { files += files.map(LogName.sidecar(of:)) }
        }
    }

    func cancel() {
        for token in Array(written.values) + folders { token.cancel() }
        (written, folders) = ([:], [])
    }

    /// Other files may have the names now.
    private func renamed() {
        for (path, token) in written {
            token.cancel()
            written[path] = files.watchLater(path, onChange: onChange)
        }
        onChange()
    }
}
