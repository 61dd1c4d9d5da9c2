import XPMHTTP
import XPMProtocol

@testable import XPMWeb

/// A client's connection that exists only in a test.
final class FakeEnd: ExchangeEnd {
    private let body: [UInt8]
    /// Told of the answer.
    var answered: (Answer) -> Void = { _ in }
    private(set) var answer: Answer?
    private(set) var streamHead: AnswerHead?
    let content = FakeStream()
    private(set) var isTooLarge = false
    private var aborted: () -> Void = {}

    init(body: [UInt8]) { self.body = body }

    func answer(_ answer: Answer) {
        precondition(self.answer == nil && streamHead == nil, "an exchange has one end")
        self.answer = answer
        answered(answer)
    }

    func collect(limit: Int, _ done: @escaping ([UInt8]) -> Void) {
        guard body.count <= limit else {
            isTooLarge = true
            return answer(Answer(413))
        }
        done(body)
    }

    func stream(_ head: AnswerHead) -> any ResponseStream {
        precondition(answer == nil && streamHead == nil, "an exchange has one end")
        streamHead = head
        return content
    }

    func forward(_ forward: Forward) { preconditionFailure("the API forwards nothing") }
    func whenAborted(_ aborted: @escaping () -> Void) { self.aborted = aborted }

    /// The client goes away.
    func abort() { if streamHead == nil { aborted() } else { content.goAway() } }
}

/// The content of a response, and a client that reads it or does not.
final class FakeStream: ResponseStream {
    private(set) var bytes: [UInt8] = []
    private(set) var isFinished = false
    /// So much may wait to be read.
    var limit = Int.max
    /// Told of everything that is written.
    var written: (FakeStream) -> Void = { _ in }
    /// Told of the end.
    var finished: () -> Void = {}
    private(set) var unread = 0
    private(set) var mostUnread = 0
    private var room: () -> Void = {}
    private var closed: () -> Void = {}

    func write(_ bytes: [UInt8]) {
        self.bytes += bytes
        unread += bytes.count
        mostUnread = max(mostUnread, unread)
        written(self)
    }

    var hasRoom: Bool { unread < limit }
    func finish() {
        isFinished = true
        finished()
    }
    func watch(room: @escaping () -> Void, closed: @escaping () -> Void) { (self.room, self.closed) = (room, closed) }

    /// The client reads everything that waits.
    func read() {
        let hadRoom = hasRoom
        unread = 0
        if !hadRoom, hasRoom { room() }
    }

    func goAway() { closed() }

    /// The events so far.
    var events: [StreamEvent] { StreamEvent.all(in: bytes) }
}

/// One event of a stream, as a browser reads it.
struct StreamEvent: Sendable {
    var name: String?
    var id: String?
    var data: JSONValue?

    static func all(in bytes: [UInt8]) -> [StreamEvent] {
        let blocks = String(decoding: bytes, as: UTF8.self).split(separator: "\n\n", omittingEmptySubsequences: true)
        return blocks.map { block in
            var event = StreamEvent()
            for line in block.split(separator: "\n") {
                if line.hasPrefix("event: ") { event.name = String(line.dropFirst(7)) }
                if line.hasPrefix("id: ") { event.id = String(line.dropFirst(4)) }
                if line.hasPrefix("data: ") {
                    event.data = try? Wire.decode(JSONValue.self, from: line.dropFirst(6).utf8)
                }
            }
            return event
        }
    }
}

/// A request as a client has sent it.
func exchange(
    _ method: String, _ target: String, _ fields: [String] = [], body: String = ""
) throws -> (exchange: Exchange, end: FakeEnd) {
    let head = (["\(method) \(target) HTTP/1.1", "Host: localhost"] + fields).joined(separator: "\r\n") + "\r\n\r\n"
    let bytes = Array(head.utf8)
    var parser = RequestParser()
    let isWhole = try bytes.withUnsafeBytes { try parser.parse($0) }
    precondition(isWhole)
    let end = FakeEnd(body: Array(body.utf8))
    return (Exchange(head: parser.head, bytes: bytes, peer: "127.0.0.1", end: end), end)
}

extension Answer {
    /// The content as JSON.
    var json: JSONValue? { try? Wire.decode(JSONValue.self, from: body) }

    func field(_ name: String) -> String? {
        head.fields.first { $0.name.description.lowercased() == name.lowercased() }?.value
    }
}

extension JSONValue {
    /// A member of an object.
    subscript(_ name: String) -> JSONValue? { if case .object(let members) = self { members[name] } else { nil } }

    var elements: [JSONValue] { if case .array(let elements) = self { elements } else { [] } }

    var number: Int64? { if case .integer(let number) = self { number } else { nil } }
}
