import Glibc
import XPMClient
import XPMProtocol

/// The terminal monitor as a program.
public struct MonitorProgram {
    /// Where xpmd is.
    public var places: Places
    /// The variables of this process.
    public var environment: [String: String]
    /// How services are put into words.
    public var words: MonitorWords

    /// A monitor of the xpmd of `places`.
    public init(places: Places, environment: [String: String] = ProcessEnvironment.current, words: MonitorWords) {
        (self.places, self.environment, self.words) = (places, environment, words)
    }

    /// Says what there is and what changes, a line each, and takes lines: for screen readers and plain terminals.
    public func runPlain() throws(WireError) {
        let inbox = Inbox(try WakeUp())
        let mirror = try ServiceMirror(places: places, name: Self.clientName)
        let client = Client(places: places, name: Self.clientName, autostart: nil)
        PlainLoop(mirror, Requests(client: client, inbox: inbox, words: words)).run()
    }

    private static let clientName = "xpmctl monitor \(ProtocolVersion.product)"

    /// Shows it until its user has had enough; the signal that has ended it, or nil. The terminal is then as it was.
    public func run() throws(WireError) -> Int32? {
        let keymap = try keymap()
        let signals = TerminalSignals.open()
        let inbox = Inbox(try WakeUp())
        let mirror = try ServiceMirror(places: places, name: Self.clientName)
        let client = Client(places: places, name: Self.clientName, autostart: nil)
        let screen = try Screen(environment: environment, isUnicode: isUnicode)
        let (columns, rows) = screen.size
        var state = MonitorState(columns: columns, rows: rows, isUnicode: isUnicode, keymap: keymap)
        state.zone = LocalTime.zone(at: Timestamp.now.milliseconds)
        state.notice = screen.note.map { Notice(text: $0) }
        let loop = MonitorLoop(
            state, screen, mirror, Requests(client: client, inbox: inbox, words: words), signals: signals,
            environment: environment)
        let ending = loop.run()
        screen.leave()
        guard case .signal(let number) = ending else { return nil }
        return number
    }

    /// Whether the user's locale has more than ASCII.
    private var isUnicode: Bool {
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].lazy.compactMap { environment[$0] }.first { !$0.isEmpty } ?? ""
        let name = locale.lowercased()
        return name.hasSuffix("utf-8") || name.hasSuffix("utf8") || name.contains("utf-8@") || name.contains("utf8@")
    }

    /// The usual keys, or those of `monitor.keys` in the folder of the settings.
    private func keymap() throws(WireError) -> Keymap {
        guard let path = try? places.configFolder + "/monitor.keys", let text = Self.text(path) else { return Keymap() }
        do { return try Keymap(settings: text) } catch {
            throw WireError(.invalidParameters, "cannot read \(path): \(error.message)", data: ["path": .string(path)])
        }
    }

    /// The beginning of a file, as much as settings can be; nil where there is none.
    private static func text(_ path: String) -> String? {
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: 64 << 10)
        let count = read(file, &bytes, bytes.count)
        return count >= 0 ? String(decoding: bytes[..<count], as: UTF8.self) : nil
    }
}

/// What xpmctl's other verbs say, for the monitor to say it in the same words.
public struct MonitorWords: Sendable {
    /// Why a service is in its state.
    public var why: @Sendable (GetService.Reply, [EventRecord]) -> String
    /// How a service is run, a line each.
    public var definition: @Sendable (GetService.Reply) -> [String]
    /// One event.
    public var event: @Sendable (EventRecord) -> String

    /// These words.
    public init(
        why: @escaping @Sendable (GetService.Reply, [EventRecord]) -> String,
        definition: @escaping @Sendable (GetService.Reply) -> [String],
        event: @escaping @Sendable (EventRecord) -> String
    ) {
        (self.why, self.definition, self.event) = (why, definition, event)
    }
}
