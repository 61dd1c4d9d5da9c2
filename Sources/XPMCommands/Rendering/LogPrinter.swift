import Synchronization
import XPMProtocol

/// Prints one log, or two that are followed at the same time.
///
/// Lines stay whole. On a terminal they are made safe, and the unfinished line of a log that is followed stands below all
/// others and is written anew as it changes; elsewhere a line is printed when it is complete, in its last state.
final class LogPrinter: Sendable {
    /// How the log is printed.
    enum Form {
        /// As it is.
        case raw
        /// In whole lines.
        case lines
        /// In whole lines and made safe; with `live` what is unfinished shows at once.
        case terminal(live: Bool)
    }

    private struct State {
        var folders: [ServiceLogs.Stream: LineFolder] = [:]
        /// The unfinished line that stands on the terminal.
        var shown: (stream: ServiceLogs.Stream, text: String)?
    }

    private let form: Form
    private let isTimed: Bool
    /// What each line begins with, where lines of several services are printed.
    private let label: String?
    private let clock: WallClock
    private let write: @Sendable (String) throws -> Void
    private let state = Mutex(State())

    /// With `isTimed` each line begins with its time.
    init(
        _ form: Form, isTimed: Bool = false, label: String? = nil, clock: WallClock = .local,
        write: @escaping @Sendable (String) throws -> Void = { try StandardOutput.write($0) }
    ) {
        self.form = form
        self.isTimed = isTimed
        self.label = label
        self.clock = clock
        self.write = write
    }

    /// Prints what a piece brings. An empty one tells that nothing came for a while.
    func add(_ piece: ServiceLogs.Reply, of stream: ServiceLogs.Stream) throws {
        if case .raw = form { return try write(piece.text) }
        try state.withLock { state in
            var folder = state.folders[stream] ?? LineFolder()
            var lines = folder.add(piece.text, times: piece.times ?? [])
            // A prompt has no line end; a progress bar goes on.
            if piece.text.isEmpty, case .lines = form, !folder.isProgress, let prompt = folder.finish() {
                lines.append(prompt)
            }
            state.folders[stream] = folder
            let finished = lines.map(text).joined()
            let unfinished = folder.unfinished.map(text) ?? ""
            guard case .terminal(live: true) = form else {
                return finished.isEmpty ? () : try write(finished)
            }
            try write(redraw(&state, stream, finished: finished, unfinished: unfinished))
        }
    }

    /// Prints lines that stay unfinished. Does nothing while another thread prints, which may have to wait for its reader.
    func finish() throws {
        _ = try state.withLockIfAvailable { state in
            for stream in ServiceLogs.Stream.allCases where state.shown?.stream != stream {
                guard let line = state.folders[stream]?.finish() else { continue }
                try write(state.shown == nil ? text(line) : "\n" + text(line))
            }
        }
    }

    private func text(_ line: LineFolder.Line) -> String {
        let time = isTimed && !line.isContinued ? line.time.map { "\(clock.text($0)) " } ?? "" : ""
        guard case .terminal = form else { return labelled(time + line.text) }
        var sanitizer = LogSanitizer()
        return labelled(time + sanitizer.clean(line.text) + sanitizer.finish())
    }

    /// A line of several services' is always whole: another service's comes next.
    private func labelled(_ line: String) -> String {
        guard let label else { return line }
        return label + line + (line.hasSuffix("\n") || line.hasSuffix("\r\n") ? "" : "\n")
    }

    /// What brings the terminal from the unfinished line that it shows to the present state.
    private func redraw(
        _ state: inout State, _ stream: ServiceLogs.Stream, finished: String, unfinished: String
    ) -> String {
        let old = state.shown
        let others = state.folders.filter { $0.key != stream }
        let other = others.compactMap { entry in entry.value.unfinished.map { (entry.key, text($0)) } }.first
        let next = unfinished.isEmpty ? other : (stream, unfinished)
        state.shown = next
        let all = finished + (next?.1 ?? "")
        guard let old else { return all }
        // A line that only goes on is not written anew: it may be longer than the terminal is wide.
        if old.stream == stream || finished.isEmpty, all.utf8.starts(with: old.text.utf8) {
            return String(all.unicodeScalars.dropFirst(old.text.unicodeScalars.count))
        }
        return "\r\u{1b}[K" + all
    }
}
