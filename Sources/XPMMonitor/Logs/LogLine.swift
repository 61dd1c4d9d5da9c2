import XPMClient
import XPMProtocol

/// One line of a log as it is shown: text without control characters, with colours.
struct LogLine: Hashable, Sendable {
    /// A stretch of one look.
    struct Span: Hashable, Sendable {
        var text: String
        var look: Look
    }

    /// Which of the services that are shown wrote it.
    var source: Int
    var stream: ServiceLogs.Stream
    var attempt: UInt64
    var microseconds: Int64
    /// Whether these are words of xpmd's or the monitor's.
    var isNote: Bool
    /// Whether the monitor itself says it: no log has it.
    var isOwn = false
    /// Whether more of it may come.
    var isOpen: Bool
    private(set) var spans: [Span] = []
    /// As it came, what a progress bar has written over left out.
    private var raw: String

    /// Longer lines are cut: nobody reads them on a screen.
    static let limit = 64 << 10

    init(_ entry: ServiceLogs.Entry, source: Int) {
        (self.source, stream, attempt, microseconds) = (source, entry.stream, entry.attempt, entry.microseconds)
        (isNote, isOpen, raw) = (entry.isNote, entry.isOpen, "")
        append(entry.text)
    }

    /// Words of the monitor's own, among the lines.
    init(note: String, source: Int, microseconds: Int64) {
        (self.source, stream, attempt, self.microseconds) = (source, .stderr, 0, microseconds)
        (isNote, isOpen, raw) = (true, false, note)
        isOwn = true
        spans = [Span(text: note, look: .dim)]
    }

    /// Takes in what continues it.
    mutating func append(_ entry: ServiceLogs.Entry) {
        isOpen = entry.isOpen
        append(entry.text)
    }

    private mutating func append(_ text: String) {
        guard raw.utf8.count < Self.limit else { return }
        raw += text
        if raw.utf8.contains(UInt8(ascii: "\r")) { raw = Self.folded(raw) }
        if raw.utf8.count > Self.limit { raw = String(raw.unicodeScalars.prefix(Self.limit / 4)) + " [cut]" }
        spans = SGR.spans(raw, isNote ? .dim : .plain)
    }

    /// Of what was written over by `\r`, the last version; one at the end waits for what comes.
    private static func folded(_ text: String) -> String {
        let parts = text.unicodeScalars.split(separator: "\r", omittingEmptySubsequences: true)
        guard let last = parts.last else { return "" }
        let ends = text.unicodeScalars.last == "\r"
        return String(String.UnicodeScalarView(last)) + (ends ? "\r" : "")
    }

    /// Without colours: what is searched, and copied.
    var text: String { spans.map(\.text).joined() }
}

/// Colours within text: `ESC [ … m`. Everything else that a terminal could take for a command becomes visible.
enum SGR {
    static func spans(_ text: String, _ base: Look) -> [LogLine.Span] {
        var (spans, current, look, column) = ([LogLine.Span](), String.UnicodeScalarView(), base, 0)
        let input = Array(text.unicodeScalars)
        var place = 0
        func flush() {
            guard !current.isEmpty else { return }
            spans.append(LogLine.Span(text: String(current), look: look))
            current = String.UnicodeScalarView()
        }
        while place < input.count {
            let scalar = input[place]
            if scalar == "\u{1b}", let (end, isColor) = sequence(input, from: place) {
                if isColor {
                    flush()
                    apply(input[(place + 2)..<end], to: &look, base)
                }
                place = end + 1
                continue
            }
            if scalar == "\t" {
                let blanks = 8 - column % 8
                current.append(contentsOf: String(repeating: " ", count: blanks).unicodeScalars)
                column += blanks
            } else if scalar != "\r" {
                let shown = ForeignText.isControl(scalar) ? visible(scalar) : [scalar]
                current.append(contentsOf: shown)
                for scalar in shown { column += TextWidth.of(scalar) }
            }
            place += 1
        }
        flush()
        return spans
    }

    private static func visible(_ scalar: Unicode.Scalar) -> [Unicode.Scalar] {
        if scalar.value < 0x20, let letter = Unicode.Scalar(scalar.value + 0x40) { return ["^", letter] }
        if scalar.value == 0x7f { return ["^", "?"] }
        return Array("\\u{\(String(scalar.value, radix: 16))}".unicodeScalars)
    }

    /// The end of `ESC [ parameters letter`, and whether that is a colour. Others move a cursor that is not there, and are left out.
    private static func sequence(_ input: [Unicode.Scalar], from start: Int) -> (end: Int, isColor: Bool)? {
        guard start + 2 < input.count, input[start + 1] == "[" else { return nil }
        for place in (start + 2)..<min(input.count, start + 64) {
            switch input[place].value {
            case 0x20..<0x40: continue
            case 0x40..<0x7f: return (place, input[place] == "m")
            default: return nil
            }
        }
        return nil
    }

    private static func apply(_ parameters: ArraySlice<Unicode.Scalar>, to look: inout Look, _ base: Look) {
        let text = String(String.UnicodeScalarView(parameters))
        var codes = text.split(whereSeparator: { $0 == ";" || $0 == ":" }).map { Int($0) ?? 0 }[...]
        if codes.isEmpty { codes = [0] }
        while let code = codes.popFirst() {
            switch code {
            case 0: look = base
            case 1: look.attributes.insert(.bold)
            case 2: look.attributes.insert(.dim)
            case 4: look.attributes.insert(.underline)
            case 7: look.attributes.insert(.reverse)
            case 22: look.attributes.subtract([.bold, .dim])
            case 24: look.attributes.remove(.underline)
            case 27: look.attributes.remove(.reverse)
            case 30...37: look.foreground = .palette(UInt8(code - 30))
            case 39: look.foreground = base.foreground
            case 40...47: look.background = .palette(UInt8(code - 40))
            case 49: look.background = base.background
            case 90...97: look.foreground = .palette(UInt8(code - 82))
            case 100...107: look.background = .palette(UInt8(code - 92))
            case 38, 48:
                guard let color = color(&codes) else { continue }
                if code == 38 { look.foreground = color } else { look.background = color }
            default: break
            }
        }
    }

    /// What follows 38 or 48: `5;N`, or `2;R;G;B`.
    private static func color(_ codes: inout ArraySlice<Int>) -> Color? {
        switch codes.popFirst() {
        case 5: return codes.popFirst().flatMap { UInt8(exactly: $0) }.map { .palette($0) }
        case 2:
            guard codes.count >= 3 else { return nil }
            let parts = (0..<3).map { _ in UInt8(clamping: codes.popFirst() ?? 0) }
            return .rgb(parts[0], parts[1], parts[2])
        default: return nil
        }
    }
}
