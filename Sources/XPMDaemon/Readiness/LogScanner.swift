import Glibc
import XPMProtocol

/// Looks for a line that matches in a log that grows. What is matched is the text that people see, without terminal commands.
final class LogScanner {
    /// Longer lines are matched by their beginning; a service that writes no newline can't make the daemon hoard.
    private static let lineLimit = 8 << 10
    /// Bytes read in one go, so that a flood delays nobody else.
    private static let step = 64 << 10

    private let path: String
    private var offset: Int64
    private let regex: Regex<AnyRegexOutput>
    private var line: [UInt8] = []
    private var filter = EscapeFilter()

    init(path: String, from offset: Int64, regex: Regex<AnyRegexOutput>) {
        self.path = path
        self.offset = offset
        self.regex = regex
    }

    /// What a look at the log found.
    enum Finding {
        /// Read to the end without a match.
        case nothing
        /// There is more to read.
        case more
        /// A line matched; the URL that it captured, if any.
        case match(url: String?)
    }

    /// Reads on, a bounded piece at a time.
    func look() -> Finding {
        // Also at the end of the file: the piece before may have ended with a prompt.
        let bytes: [UInt8]
        do {
            let piece = try LogFile.read(path, from: offset, limit: Self.step, waits: false)
            offset = max(offset, piece.next)
            bytes = piece.bytes
        } catch {
            // A rotation has the log for some milliseconds; nobody would tell when it is over.
            if error.code == EWOULDBLOCK { return .more }
            bytes = []
        }
        guard !bytes.isEmpty else { return matched(isWhole: false) ?? .nothing }
        for byte in bytes {
            switch filter.take(byte) {
            case .nothing: break
            case .byte(let byte): append(byte)
            case .bytes(let first, let second):
                append(first)
                append(second)
            case .lineEnd:
                if let match = matched(isWhole: true) { return match }
                line.removeAll(keepingCapacity: true)
            }
        }
        // A prompt that ends in no newline counts too.
        if bytes.count < Self.step { return matched(isWhole: false) ?? .nothing }
        return .more
    }

    private func append(_ byte: UInt8) {
        if line.count < Self.lineLimit { line.append(byte) }
    }

    private func matched(isWhole: Bool) -> Finding? {
        guard !line.isEmpty else { return nil }
        let text = String(decoding: line, as: UTF8.self)
        guard let match = try? regex.firstMatch(in: text) else { return nil }
        let named = match["url"]?.substring
        let first = match.output.count > 1 ? match.output[1].substring : nil
        let url = named ?? first
        // The rest of an address may still be on its way: a buffer's flush cuts lines anywhere.
        if let url, !isWhole, url.endIndex == text.endIndex { return nil }
        return .match(url: url.map(String.init))
    }
}
