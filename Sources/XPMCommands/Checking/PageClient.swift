import XPMHTTP

/// Asks a gateway for one thing after another, as a browser that is signed in would. What it holds of the service's cookies it sends back.
struct PageClient {
    let gateway: GatewayAddress
    /// Counts in place of a browser's session; nil for a request without.
    let bearer: String?
    /// How long one thing may take.
    let patience: Duration
    private var cookies: [String: String] = [:]

    /// How much of a page or style sheet is looked at.
    static let kept = 4 << 20
    private static let mostCookies = 64
    private static let mostInterim = 16

    init(gateway: GatewayAddress, bearer: String?, patience: Duration) {
        (self.gateway, self.bearer, self.patience) = (gateway, bearer, patience)
    }

    /// What came of a request.
    struct Answer: Equatable {
        var status: Int
        var location: String?
        /// The media type, in lower case, without parameters.
        var type: String
        /// The content, as far as it is looked at.
        var content: [UInt8] = []
        /// Of a WebSocket: what proves that the other side knows the protocol.
        var accept: String?
    }

    /// Loads `address` for the page at `page`; the page itself has none.
    mutating func load(
        _ address: PageAddress, as kind: PageReference.Kind, for page: PageAddress?
    ) throws(CheckFault) -> Answer {
        var fields = [
            ("Sec-Fetch-Site", page == nil ? "none" : "same-origin"),
            ("Sec-Fetch-Mode", kind == .page || kind == .frame ? "navigate" : "no-cors"),
            ("Sec-Fetch-Dest", kind.destination),
        ]
        if let page { fields.append(("Referer", page.text)) }
        fields.append(("Connection", "close"))
        return try ask(address, fields, wantsUpgrade: false)
    }

    /// Asks for a WebSocket at `address`, and closes it at once.
    mutating func open(_ address: PageAddress) throws(CheckFault) -> Answer {
        try ask(
            address,
            [
                ("Origin", "\(address.scheme)://\(address.authority)"), ("Sec-Fetch-Site", "same-origin"),
                ("Sec-Fetch-Mode", "websocket"), ("Sec-Fetch-Dest", "websocket"), ("Connection", "Upgrade"),
                ("Upgrade", "websocket"), ("Sec-WebSocket-Version", "13"), ("Sec-WebSocket-Key", Self.key),
            ], wantsUpgrade: true)
    }

    /// Key and answer of RFC 6455, 1.3: whoever answers so has computed it, whatever the key is.
    private static let key = "dGhlIHNhbXBsZSBub25jZQ=="
    static let accept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="

    private mutating func ask(
        _ address: PageAddress, _ fields: [(String, String)], wantsUpgrade: Bool
    ) throws(CheckFault) -> Answer {
        let connection = try GatewayConnection(gateway, until: .now + patience)
        var head = "GET \(address.target) HTTP/1.1\r\nHost: \(address.authority)\r\nUser-Agent: xpmctl\r\n"
        // Every browser sends these, and some servers fail without.
        head += "Accept: */*\r\nAccept-Encoding: identity\r\nAccept-Language: en\r\n"
        for (name, value) in fields { head += "\(name): \(value)\r\n" }
        if let bearer { head += "Authorization: Bearer \(bearer)\r\n" }
        if !cookies.isEmpty {
            let list = cookies.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
            head += "Cookie: \(list.joined(separator: "; "))\r\n"
        }
        try connection.send(Array((head + "\r\n").utf8))
        return try readAnswer(connection, wantsUpgrade: wantsUpgrade)
    }

    private mutating func readAnswer(
        _ connection: GatewayConnection, wantsUpgrade: Bool
    ) throws(CheckFault) -> Answer {
        var buffer: [UInt8] = []
        for _ in 0..<Self.mostInterim {
            let head = try Self.readHead(connection, &buffer)
            if head.isInterim {
                buffer.removeFirst(head.length)
                continue
            }
            var answer = buffer.withUnsafeBytes { Self.answer(head, $0) }
            takeCookies(head, buffer)
            let framing = try Self.reading { () throws(MessageError) in
                try head.framing(answering: .get, wantsUpgrade: wantsUpgrade)
            }
            buffer.removeFirst(head.length)
            if framing != .opaque { answer.content = try Self.readContent(connection, buffer, framing) }
            return answer
        }
        throw CheckFault("it answers with interim responses only")
    }

    private static func answer(_ head: ResponseHead, _ bytes: UnsafeRawBufferPointer) -> Answer {
        func text(_ name: StaticString) -> String? { head.section.first(name, in: bytes)?.text(in: bytes) }
        let type = (text("content-type") ?? "").prefix { $0 != ";" }.lowercased()
        return Answer(
            status: head.status, location: text("location"), type: type.split { $0.isWhitespace }.joined(),
            accept: text("sec-websocket-accept"))
    }

    private static func readHead(
        _ connection: GatewayConnection, _ buffer: inout [UInt8]
    ) throws(CheckFault) -> ResponseHead {
        var parser = ResponseParser()
        while true {
            let isWhole = try reading(buffer) { (bytes) throws(MessageError) in try parser.parse(bytes) }
            if isWhole { return parser.head }
            guard try connection.read(into: &buffer) else {
                throw CheckFault("the connection ended before an answer")
            }
        }
    }

    /// Reads to the end, and gives what is looked at.
    private static func readContent(
        _ connection: GatewayConnection, _ first: [UInt8], _ framing: BodyFraming
    ) throws(CheckFault) -> [UInt8] {
        var scanner = BodyScanner(framing)
        var content: [UInt8] = []
        var buffer = first
        while true {
            try reading(buffer) { (bytes) throws(MessageError) in
                var place = 0
                while place < bytes.count, !scanner.isEnd {
                    let rest = UnsafeRawBufferPointer(rebasing: bytes[place...])
                    let piece = try scanner.next(rest)
                    content += rest[piece.content].prefix(kept - content.count)
                    place += piece.count
                }
            }
            if scanner.isEnd { return content }
            buffer.removeAll(keepingCapacity: true)
            if try !connection.read(into: &buffer) {
                try reading { () throws(MessageError) in try scanner.finish() }
                return content
            }
        }
    }

    private static func reading<T>(_ body: () throws(MessageError) -> T) throws(CheckFault) -> T {
        do throws(MessageError) { return try body() } catch {
            throw CheckFault("cannot read the response: \(error.reason)")
        }
    }

    private static func reading<T>(
        _ bytes: [UInt8], _ body: (UnsafeRawBufferPointer) throws(MessageError) -> T
    ) throws(CheckFault) -> T {
        try bytes.withUnsafeBytes { bytes in
            Result { () throws(CheckFault) in try reading { () throws(MessageError) in try body(bytes) } }
        }.get()
    }

    private mutating func takeCookies(_ head: ResponseHead, _ buffer: [UInt8]) {
        let lines = buffer.withUnsafeBytes { bytes in
            head.section.fields.filter { $0.name == .setCookie }.map { $0.value.text(in: bytes) }
        }
        for line in lines {
            guard let pair = line.split(separator: ";").first, let sign = pair.firstIndex(of: "=") else { continue }
            let name = String(pair[..<sign])
            guard cookies.count < Self.mostCookies || cookies[name] != nil else { continue }
            cookies[name] = String(pair[pair.index(after: sign)...])
        }
    }
}
