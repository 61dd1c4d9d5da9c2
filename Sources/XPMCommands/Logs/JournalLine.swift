import XPMProtocol

/// One line of a service's output as the journal has it.
struct JournalLine: Equatable {
    var text: String
    var at: Timestamp
    var stream: ServiceLogs.Stream
    /// Where it stands in the journal.
    var cursor: String?

    /// An entry in the form `--output=json`, where all but arrays are strings; nil where it has no message.
    init?(json: [UInt8]) {
        guard let entry = try? Wire.decode([String: JSONValue].self, from: json), let message = entry["MESSAGE"],
            let text = Self.text(message), let microseconds = entry["__REALTIME_TIMESTAMP"]?.text.flatMap({ Int64($0) })
        else { return nil }
        self.text = text
        at = Timestamp(milliseconds: microseconds / 1000)
        cursor = entry["__CURSOR"]?.text
        stream = entry["PRIORITY"]?.text == Self.priority(of: .stderr) ? .stderr : .stdout
    }

    /// As xpm-keeper gives it to what names none of its own, `<3>`.
    static func priority(of stream: ServiceLogs.Stream) -> String {
        switch stream {
        case .stdout: "6"
        case .stderr: "4"
        }
    }

    /// The same as a piece of a log.
    var piece: ServiceLogs.Piece {
        ServiceLogs.Piece(
            text: text + "\n", next: 0, path: "",
            times: [.init(at: at, lines: text.utf8.count { $0 == UInt8(ascii: "\n") } + 1)])
    }

    /// What is not printable UTF-8 comes as an array of bytes.
    private static func text(_ message: JSONValue) -> String? {
        switch message {
        case .string(let text): return text
        case .array(let numbers):
            let bytes = numbers.compactMap { number -> UInt8? in
                if case .integer(let byte) = number { UInt8(exactly: byte) } else { nil }
            }
            return bytes.count == numbers.count ? String(decoding: bytes, as: UTF8.self) : nil
        case .null, .bool, .integer, .number, .object: return nil
        }
    }
}
