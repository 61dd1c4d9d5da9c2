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

        /// Resolves links, which may block.
        init(of reader: LogReader) {
            (files, folders) = reader.watched
            // A file that nobody keeps times for is told of by itself.
            files += files.map { String($0.dropLast(LogName.sidecarSuffix.count)) }
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
