import XPMProtocol

/// The two streams of a connection to xpmd as values: bytes of requests to be sent, and what the bytes that came mean.
struct DaemonConversation {
    /// Bytes of requests that may wait to be sent.
    static let mostUnsent = 8 << 20
    /// The id of the greeting; requests have larger ones.
    private static let greeting: Int64 = 0

    /// What has come.
    enum News {
        case greeted(Hello.Reply)
        /// The result's JSON, as it came.
        case result(Int64, [UInt8])
        /// Nil for the whole connection, which ends then.
        case refusal(Int64?, WireError)
        /// The event's JSON, as it came.
        case event([UInt8])
    }

    /// What is to be sent, and how much of its beginning was sent.
    private(set) var unsent: [UInt8] = []
    private(set) var sent = 0
    private var splitter = FrameSplitter(limit: Frame.replyLimit)
    private var lastID = greeting

    /// A conversation begins with its greeting.
    init(client: String) {
        let params = (try? Wire.encode(Hello(client: client))) ?? Array("{}".utf8)
        append(Self.greeting, Hello.name, params)
    }

    /// Whether another request may be added.
    var hasRoom: Bool { unsent.count - sent < Self.mostUnsent }

    /// Adds a request; `params` are one JSON object. Its id.
    mutating func ask(_ method: String, _ params: [UInt8]) -> Int64 {
        lastID += 1
        append(lastID, method, params)
        return lastID
    }

    private mutating func append(_ id: Int64, _ method: String, _ params: [UInt8]) {
        let head = Array("{\"id\":\(id),\"jsonrpc\":\"2.0\",\"method\":\"\(method)\",\"params\":".utf8)
        unsent += Frame.header(for: head.count + params.count + 1)
        unsent += head
        unsent += params
        unsent.append(UInt8(ascii: "}"))
    }

    /// The bytes around the parameters of a request of `method` are so many at most.
    static func envelopeSize(of method: String) -> Int { 80 + method.utf8.count }

    /// So many bytes more were sent.
    mutating func noteSent(_ count: Int) {
        sent += count
        if sent == unsent.count {
            // A large request keeps no memory once it is sent.
            unsent.removeAll(keepingCapacity: unsent.count < 1 << 16)
            sent = 0
        } else if sent > unsent.count / 2 {
            unsent.removeSubrange(..<sent)
            sent = 0
        }
    }

    /// Takes the next bytes; what they mean is told by `next`.
    mutating func take(_ bytes: some Sequence<UInt8>) { splitter.append(bytes) }

    /// What came next; nil where more must come. Throws where the stream cannot be understood any more.
    mutating func next() throws(WireError) -> News? {
        while let payload = try splitter.next() {
            guard let members = JSONMembers(payload) else { throw Self.nonsense }
            if members["method"] != nil {
                if let event = members.text("params"), members["id"] == nil { return .event(event) }
                // Who hosts nothing is asked for nothing.
                if let id = members.text("id") { refuse(id) }
                continue
            }
            let id = members.integer("id")
            if let bytes = members.text("error") {
                guard let error = try? Wire.decode(WireError.self, from: bytes) else { throw Self.nonsense }
                return .refusal(id == Self.greeting ? nil : id, error)
            }
            guard let id, let result = members.text("result") else { throw Self.nonsense }
            guard id == Self.greeting else { return .result(id, result) }
            guard let hello = try? Wire.decode(Hello.Reply.self, from: result) else { throw Self.nonsense }
            return .greeted(hello)
        }
        return nil
    }

    private mutating func refuse(_ id: [UInt8]) {
        let error = WireError(.unknownMethod, "cannot host services: xpm-web is not a host")
        let body =
            Array("{\"error\":".utf8) + ((try? Wire.encode(error)) ?? []) + Array(",\"id\":".utf8) + id
            + Array(",\"jsonrpc\":\"2.0\"}".utf8)
        unsent += Frame.encode(body)
    }

    private static var nonsense: WireError {
        WireError(.parseError, "cannot understand xpmd: what it sent is no message of the protocol")
    }
}
