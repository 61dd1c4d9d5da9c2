import XPMHTTP

/// What this project's parser makes of a stream of bytes that comes in pieces.
public struct OwnReading: Equatable, Sendable {
    /// Why reading ended.
    public enum Stop: Equatable, Sendable {
        /// The bytes ended: within a head, between messages, or within a content.
        case inHead, between, inContent
        /// The connection ends, or is another protocol's, behind the last message.
        case closed, switched
        /// The rest is refused.
        case refused(MessageError)
    }

    /// The messages whose heads were accepted.
    public private(set) var messages: [ReadMessage] = []
    public private(set) var stop = Stop.between
    /// How many bytes were accepted: up to the last one that belongs to a whole head, or to content, or ends it.
    /// What frames content is not before more of that comes, for it may be refused yet.
    public private(set) var accepted = 0
    private var dropped = 0
    private var buffer: [UInt8] = []
    private var scanner: BodyScanner?
    private let bodyLimits: BodyLimits

    public static func == (one: OwnReading, other: OwnReading) -> Bool {
        one.messages == other.messages && one.stop == other.stop
    }

    /// Reads requests.
    public init(
        requests pieces: [ArraySlice<UInt8>], limits: HeadLimits = HeadLimits(), bodyLimits: BodyLimits = BodyLimits()
    ) {
        self.bodyLimits = bodyLimits
        var parser = RequestParser(limits: limits)
        read(pieces) { buffer throws(MessageError) in
            guard try parser.parse(buffer) else { return nil }
            defer { parser.reset() }
            let head = parser.head
            let target = head.target.map { $0.whole.text(in: buffer) } ?? ""
            let start = "\(head.methodRange.text(in: buffer)) \(target) \(head.version == .http11 ? "1.1" : "1.0")"
            let isSwitch =
                head.method == .connect || (head.section.connection.contains(.upgrade) && head.section.has(.upgrade))
            return Head(
                start: start, section: head.section, length: head.length, framing: head.framing,
                stop: isSwitch ? .switched : head.isPersistent ? nil : .closed)
        }
    }

    /// Reads the responses to requests of these methods, each of which asks for no upgrade.
    public init(
        responses pieces: [ArraySlice<UInt8>], to methods: [Method], limits: HeadLimits = HeadLimits(),
        bodyLimits: BodyLimits = BodyLimits()
    ) {
        self.bodyLimits = bodyLimits
        var parser = ResponseParser(limits: limits)
        var methods = methods[...]
        read(pieces) { buffer throws(MessageError) in
            guard try parser.parse(buffer), let method = methods.first else { return nil }
            defer { parser.reset() }
            let head = parser.head
            let framing = try head.framing(answering: method, wantsUpgrade: false)
            if !head.isInterim { methods.removeFirst() }
            let isLast = methods.isEmpty || (!head.isInterim && !head.isPersistent(framing: framing))
            return Head(
                start: "\(head.version == .http11 ? "1.1" : "1.0") \(head.status)", section: head.section,
                length: head.length,
                framing: framing, stop: framing == .opaque ? .switched : isLast ? .closed : nil)
        }
    }

    private struct Head {
        var start: String
        var section: FieldSection
        var length: Int
        var framing: BodyFraming
        /// Why nothing is read behind this message.
        var stop: Stop?
    }

    private mutating func read(
        _ pieces: [ArraySlice<UInt8>], _ parse: (UnsafeRawBufferPointer) throws(MessageError) -> Head?
    ) {
        var end: Stop?
        do throws(MessageError) {
            for piece in pieces {
                buffer += piece
                while !buffer.isEmpty {
                    if scanner != nil {
                        try readContent()
                    } else {
                        if let end, end != .between { return stop = end }
                        guard let head = try readHead(parse) else { break }
                        end = head.stop
                    }
                }
            }
            stop = scanner != nil ? .inContent : end ?? (buffer.isEmpty ? .between : .inHead)
        } catch {
            stop = .refused(error)
        }
    }

    private mutating func readHead(
        _ parse: (UnsafeRawBufferPointer) throws(MessageError) -> Head?
    ) throws(MessageError) -> Head? {
        let bytes = buffer
        let found = try bytes.withUnsafeBufferPointer { buffer throws(MessageError) -> (Head, ReadMessage)? in
            let buffer = UnsafeRawBufferPointer(buffer)
            guard let head = try parse(buffer) else { return nil }
            var message = ReadMessage(head.start)
            for field in head.section.fields {
                message.fields += [field.nameRange.text(in: buffer), ReadMessage.trimmed(field.value.text(in: buffer))]
            }
            return (head, message)
        }
        guard let (head, message) = found else { return nil }
        messages.append(message)
        drop(head.length, isAccepted: true)
        scanner = BodyScanner(head.framing, limits: bodyLimits)
        endContent()
        return head
    }

    private mutating func readContent() throws(MessageError) {
        let bytes = buffer
        guard var scanner else { return }
        let piece = try bytes.withUnsafeBufferPointer { buffer throws(MessageError) in
            try scanner.next(UnsafeRawBufferPointer(buffer))
        }
        self.scanner = scanner
        messages[messages.count - 1].body += buffer[piece.content]
        drop(piece.count, isAccepted: !piece.content.isEmpty || piece.isEnd)
        endContent()
    }

    private mutating func endContent() {
        guard scanner?.isEnd == true else { return }
        scanner = nil
        messages[messages.count - 1].isComplete = true
    }

    private mutating func drop(_ count: Int, isAccepted: Bool) {
        buffer.removeFirst(count)
        dropped += count
        if isAccepted { accepted = dropped }
    }
}
