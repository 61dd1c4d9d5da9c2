/// What became of a service's logs during an attempt, in notes for people: one of each kind for each log, however often it happens.
struct LogNotes {
    private struct Kind: Hashable {
        var path: String
        /// The text without its numbers.
        var text: String
    }

    private struct Seen {
        var note: String
        var times: UInt64 = 0
        /// The lines that were dropped, where that is what happened.
        var lines: UInt64 = 0
    }

    /// A note that is there now.
    struct Change: Equatable {
        /// The one that it takes the place of.
        var old: String?
        var note: String
        /// Of what goes on happening, fewer and fewer are events: the first, second, fourth, eighth …
        var isEvent: Bool
    }

    /// More kinds come from no log that can be understood.
    private static let limit = 16

    private var seen: [Kind: Seen] = [:]

    /// Takes in that something has become of a log; `text` is a clause behind the log's name. Nil where there are too many kinds.
    mutating func add(_ path: String, _ text: String) -> Change? {
        let dropped = Self.dropped(text)
        let kind = Kind(path: path, text: dropped?.rest ?? Self.withoutNumbers(text))
        guard seen[kind] != nil || seen.count < Self.limit else { return nil }
        var now = seen[kind] ?? Seen(note: "")
        let old = now.times == 0 ? nil : now.note
        now.times += 1
        now.lines = now.lines.addingReportingOverflow(dropped?.lines ?? 0).partialValue
        if let dropped {
            now.note = "its log \(path) lacks \(now.lines) \(now.lines == 1 ? "line" : "lines") \(dropped.rest)"
        } else {
            now.note = "its log \(path) \(text)" + (now.times > 1 ? " (\(now.times) times)" : "")
        }
        seen[kind] = now
        return Change(old: old, note: now.note, isEvent: now.times & (now.times - 1) == 0)
    }

    /// `lacks 12 lines that …`: how many, and what follows.
    private static func dropped(_ text: String) -> (lines: UInt64, rest: String)? {
        let words = text.split(separator: " ", maxSplits: 3).map(String.init)
        guard words.count > 3, words[0] == "lacks", let lines = UInt64(words[1]), ["line", "lines"].contains(words[2])
        else { return nil }
        return (lines, words[3])
    }

    private static func withoutNumbers(_ text: String) -> String { text.filter { !$0.isASCII || !$0.isNumber } }
}
