import XPMLogs
import XPMPatterns

/// Looks for a line that matches in a log that grows. What is matched is the text that people see, without terminal commands.
///
/// A value that travels: to a thread that may read and match, and back.
struct LogScanner: Sendable {
    /// Longer lines are matched by their beginning; a service that writes no newline can't make the daemon hoard.
    private static let lineLimit = 8 << 10
    /// Bytes read in one go, so that a flood delays nobody else.
    private static let step = 64 << 10

    let path: String
    private var query: LogQuery
    private let reader: LogReader
    private let pattern: LinePattern
    private var line: [UInt8] = []
    /// How much of the line was matched before it was whole: it is not matched again where nothing has come.
    private var matchedBytes = 0
    /// Whether its beginning was too costly: it is matched again only when it is whole.
    private var isCostly = false
    private var filter = EscapeFilter()
    /// What was read and not looked through yet.
    private var unseen: ArraySlice<UInt8> = []
    /// Whether more may follow it.
    private var isFull = false

    init(path: String, from offset: Int64, pattern: LinePattern) {
        self.path = path
        reader = LogReader(stdout: path, stderr: nil)
        query = LogQuery(
            cursor: LogCursor(.stdout, position: UInt64(clamping: offset)), streams: [.stdout], givesUnfinished: true,
            byteLimit: Self.step, entryLimit: .max)
        self.pattern = pattern
    }

    /// What a look at the log found.
    enum Finding: Hashable, Sendable {
        /// Read to the end without a match.
        case nothing
        /// There is more to read.
        case more
        /// A line took more work than there is for one, and counts as not matching. There is more to read.
        case tooCostly
        /// A line matched; the URL that it captured, if any.
        case match(url: String?)
    }

    /// Reads on, a bounded piece at a time. Blocks: for a worker thread.
    mutating func read() {
        guard unseen.isEmpty else { return }
        // What cannot be read may be there at the next change.
        guard let page = try? reader.page(query) else { return isFull = false }
        query.cursor = page.cursor
        isFull = page.more
        let own = page.entries.lazy.filter { !$0.flags.contains(.isNote) }
        unseen = own.reduce(into: []) { $0 += page.text(of: $1) }[...]
    }

    /// Looks through what was read, until something is found. It may compute for long: for another thread.
    mutating func match() -> Finding {
        while let byte = unseen.popFirst() {
            switch filter.take(byte) {
            case .nothing: break
            case .byte(let byte): append(byte)
            case .bytes(let first, let second):
                append(first)
                append(second)
            case .lineEnd:
                let finding = matched(isWhole: true)
                line.removeAll(keepingCapacity: true)
                (matchedBytes, isCostly) = (0, false)
                // Others have their turn before the next one.
                if finding != .nothing { return finding }
            }
        }
        // A prompt that ends in no newline counts too, also where the piece before has ended with it.
        return isFull ? .more : matched(isWhole: false)
    }

    /// Both.
    mutating func look() -> Finding {
        read()
        return match()
    }

    private mutating func append(_ byte: UInt8) {
        if line.count < Self.lineLimit { line.append(byte) }
    }

    private mutating func matched(isWhole: Bool) -> Finding {
        guard !line.isEmpty, isWhole || line.count > matchedBytes && !isCostly else { return .nothing }
        matchedBytes = line.count
        // What is no UTF-8 is matched as U+FFFD: one byte of another encoding would hide a whole line.
        let text = Array(String(decoding: line, as: UTF8.self).utf8)
        switch pattern.match(text) {
        case .none: return .nothing
        case .tooCostly:
            isCostly = true
            return .tooCostly
        case .found(url: nil): return .match(url: nil)
        case .found(url: let url?):
            // The rest of an address may still be on its way: a buffer's flush cuts lines anywhere.
            if !isWhole, url.upperBound == text.count { return .nothing }
            return .match(url: String(decoding: text[url], as: UTF8.self))
        }
    }
}
