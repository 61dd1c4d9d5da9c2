import XPMHTTP

/// One request of a client, and its response: what the connections hand to the gateway.
///
/// It lives on the loop. Whoever handles it brings it to exactly one end, at once or later: `answer`, `stream` or `forward`. Until then its
/// connection waits, reads no further request, and notices when the client goes away (`whenAborted`).
final class Exchange {
    /// The head as it came; its places are in `bytes`.
    let head: RequestHead
    /// The head's bytes, and nothing behind them.
    let bytes: [UInt8]
    /// Where the client's connection came in: the peer's address for logs and X-Forwarded-For, `127.0.0.1`, or `unix`.
    let peer: String

    let end: any ExchangeEnd

    init(head: RequestHead, bytes: [UInt8], peer: String, end: any ExchangeEnd) {
        (self.head, self.bytes, self.peer, self.end) = (head, bytes, peer, end)
    }

    /// Text at a place of the head; bytes that are not UTF-8 are replaced.
    func text(_ range: ByteRange) -> String {
        String(decoding: bytes[range.lowerBound..<range.upperBound], as: UTF8.self)
    }

    /// Answers with a whole response. HEAD gets no content; what the request still sends is read and dropped up to a bound, else the
    /// connection is closed behind the answer.
    func answer(_ answer: Answer) { end.answer(answer) }

    /// Reads the request's content, `limit` bytes at most (more is answered 413, and `done` not called), then calls `done` on the loop.
    func collect(limit: Int, _ done: @escaping ([UInt8]) -> Void) { end.collect(limit: limit, done) }

    /// Begins a response whose content comes in pieces; its head must not say how long it is.
    func stream(_ head: AnswerHead) -> any ResponseStream { end.stream(head) }

    /// Passes the request on to a backend, and its response back. Where no backend can be reached, or one fails before its response has
    /// begun, `forward.failed` is called with the exchange, which is to be answered then.
    /// Content that was collected is not there any more: the answer is 502 then.
    func forward(_ forward: Forward) { end.forward(forward) }

    /// `aborted` is called once, on the loop, if the client goes away before the exchange has come to its end: at once where its connection is
    /// reset; where it has only ended its side, which a closed tab does, too, after `EngineLimits.halfClosed`.
    func whenAborted(_ aborted: @escaping () -> Void) { end.whenAborted(aborted) }
}

/// What a client's connection does for its exchange.
protocol ExchangeEnd: AnyObject {
    func answer(_ answer: Answer)
    func collect(limit: Int, _ done: @escaping ([UInt8]) -> Void)
    func stream(_ head: AnswerHead) -> any ResponseStream
    func forward(_ forward: Forward)
    func whenAborted(_ aborted: @escaping () -> Void)
}

/// A whole response of our own.
struct Answer {
    var head: AnswerHead
    var body: [UInt8]

    init(_ status: Int, _ fields: [(name: StaticString, value: String)] = [], body: [UInt8] = []) {
        (head, self.body) = (AnswerHead(status: status, fields: fields), body)
    }

    /// JSON or a page: with its type.
    init(_ status: Int, type: String, _ fields: [(name: StaticString, value: String)] = [], text: String) {
        self.init(status, [("Content-Type", type)] + fields, body: Array(text.utf8))
    }
}

/// The content of a response that comes in pieces, as of an event stream.
protocol ResponseStream: AnyObject {
    /// Sends some bytes, as a chunk where the client knows chunks. They are kept until the client has read them: ask for `hasRoom` first.
    func write(_ bytes: [UInt8])
    /// Whether little enough waits for the client to read it.
    var hasRoom: Bool { get }
    /// Ends the response.
    func finish()
    /// `room` is called on the loop each time when there is room again after there was none; `closed`, once, when the client went away.
    func watch(room: @escaping () -> Void, closed: @escaping () -> Void)
}

/// Where a request goes, and how it is changed on the way.
struct Forward {
    /// Tried in this order, the next one where connecting failed.
    var backends: [BackendAddress]
    /// Connections are kept and used again only for the same key: of one service and attempt.
    var pool: String
    var request: RequestRewriting
    var response: ResponseRewriting
    /// Told of the traffic that keeps a service awake.
    var activity: (any ActivityMeter)?
    /// Called where nothing of a response has begun; the exchange is still to be answered.
    var failed: (Exchange, BackendFailure) -> Void
}

/// The place of a backend.
enum BackendAddress: Hashable {
    case ipv4(port: UInt16)
    case ipv6(port: UInt16)
    /// An absolute path of at most 107 bytes, or that below `/proc/self/fd` where it is longer.
    case unix(path: String)
}

/// Why there is no response of a backend.
enum BackendFailure: Hashable {
    /// errno of the last connect(2).
    case cannotConnect(Int32)
    /// It closed the connection, or broke it off, before a response; whether any byte of the request was sent.
    case closed(afterSending: Bool)
    /// What it sent is no HTTP; for the log.
    case malformed(MessageError)
    /// No head of a response within the time.
    case timedOut
}

/// Counts traffic, of one service. Pings and open sockets are none.
protocol ActivityMeter: AnyObject {
    /// A request begins, or a WebSocket's message is passed, either way.
    func begin()
    /// The last byte of its response was passed.
    func end()
    /// A WebSocket's data frame was passed; upgraded connections of other protocols: any bytes.
    func data()
}
