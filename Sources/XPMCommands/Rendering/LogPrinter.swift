import Synchronization
import XPMProtocol

/// Prints the logs of one service.
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

    /// What is printed.
    enum Part {
        case entry(ServiceLogs.Entry)
        /// A line of ours between those of the service.
        case notice(String)
    }

    private struct State {
        var folders: [ServiceLogs.Stream: LineFolder] = [:]
        /// The streams whose last line is not ended, where it is printed as it is.
        var open: Set<ServiceLogs.Stream> = []
        /// The unfinished line that stands on the terminal.
        var shown: (stream: ServiceLogs.Stream, text: String)?
    }

    private let form: Form
    let isTimed: Bool
    /// What each line begins with, where lines of several services are printed.
    private let label: String?
    private let clock: WallClock
    private let style: Style
    private let write: @Sendable (String) throws -> Void
    private let state = Mutex(State())

    /// With `isTimed` each line begins with its time.
    init(
        _ form: Form, isTimed: Bool = false, label: String? = nil, clock: WallClock = .local,
        style: Style = .plain,
        write: @escaping @Sendable (String) throws -> Void = { try StandardOutput.write($0) }
    ) {
        self.form = form
        self.isTimed = isTimed
        self.label = label
        self.clock = clock
        self.style = style
        self.write = write
    }

    /// Prints what a piece brings. An empty one tells that nothing came for a while.
    func add(_ piece: ServiceLogs.Piece, of stream: ServiceLogs.Stream) throws {
        if case .raw = form { return try write(piece.text) }
        if piece.text.isEmpty { return try idle([stream]) }
        try change { take(piece.text, piece.times ?? [], of: stream, in: &$0) }
    }

    /// Prints what a page brings.
    func add(_ parts: [Part]) throws {
        try change { state in parts.map { text($0, in: &state) }.joined() }
    }

    /// Nothing came for a while. A prompt has no line end, and is printed; a progress bar goes on.
    func idle(_ streams: [ServiceLogs.Stream] = ServiceLogs.Stream.allCases) throws {
        guard case .lines = form else { return }
        try change { state in
            streams.compactMap { stream in
                guard state.folders[stream]?.isProgress == false else { return nil }
                return state.folders[stream]?.finish().map(text)
            }.joined()
        }
    }

    private func change(_ make: (inout State) -> String) throws {
        try state.withLock { state in
            let text = make(&state)
            if !text.isEmpty { try write(text) }
        }
    }

    private func text(_ part: Part, in state: inout State) -> String {
        switch (part, form) {
        case (.entry(let entry), .raw):
            let end = !entry.continues && state.open.remove(entry.stream) != nil ? "\n" : ""
            if entry.isOpen { state.open.insert(entry.stream) } else { state.open.remove(entry.stream) }
            return end + entry.text + (entry.isOpen ? "" : "\n")
        case (.entry(let entry), _):
            return take(
                entry.text + (entry.isOpen ? "" : "\n"), [.init(at: entry.at, lines: 1)], of: entry.stream,
                ends: !entry.continues, in: &state)
        case (.notice(let text), _):
            return output([], of: state.shown?.stream ?? .stdout, behind: labelled(style.dim(text) + "\n"), in: &state)
        }
    }

    /// What a text of a stream gives to print; `ends` is whether an unfinished line of before does not go on with it.
    private func take(
        _ text: String, _ times: [ServiceLogs.LineTime], of stream: ServiceLogs.Stream, ends: Bool = false,
        in state: inout State
    ) -> String {
        var folder = state.folders[stream] ?? LineFolder()
        let ended = ends ? folder.end() : nil
        let lines = [ended].compactMap(\.self) + folder.add(text, times: times)
        state.folders[stream] = folder
        return output(lines, of: stream, in: &state)
    }

    private func output(
        _ lines: [LineFolder.Line], of stream: ServiceLogs.Stream, behind notice: String = "", in state: inout State
    ) -> String {
        let finished = notice + lines.map(text).joined()
        guard case .terminal(live: true) = form else { return finished }
        return redraw(
            &state, stream, finished: finished, unfinished: state.folders[stream]?.unfinished.map(text) ?? "")
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
