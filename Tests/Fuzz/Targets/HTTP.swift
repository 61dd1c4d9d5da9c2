import HTTPComparison

@testable import XPMHTTP

extension FuzzTarget {
    /// What clients send to the proxy: what is accepted, llhttp reads in the same way, and so is what is sent on.
    static let httpRequests = FuzzTarget(name: "http-requests") { bytes in
        let comparison = try Comparison(requests: bytes)
        try require(comparison.disagreement == nil, "llhttp agrees: \(comparison.disagreement ?? "")")
        try require(OwnReading(requests: bytes.pieces) == comparison.own, "pieces give the same requests")
        try requireBounds { limits, bodyLimits in
            (
                OwnReading(requests: [bytes[...]], limits: limits, bodyLimits: bodyLimits),
                OwnReading(requests: bytes.pieces, limits: limits, bodyLimits: bodyLimits)
            )
        }
        try requireRewriting(of: bytes)
    }

    /// What backends send: the first byte says which of the requests was HEAD.
    static let httpResponses = FuzzTarget(name: "http-responses") { bytes in
        let first = bytes.first ?? 0
        let methods: [Method] = (0..<4).map { first >> $0 & 1 == 1 ? .head : .get }
        let bytes = Array(bytes.dropFirst())
        let comparison = try Comparison(responses: bytes, to: methods)
        try require(comparison.disagreement == nil, "llhttp agrees: \(comparison.disagreement ?? "")")
        try require(
            OwnReading(responses: bytes.pieces, to: methods) == comparison.own, "pieces give the same responses")
        try requireBounds { limits, bodyLimits in
            (
                OwnReading(responses: [bytes[...]], to: methods, limits: limits, bodyLimits: bodyLimits),
                OwnReading(responses: bytes.pieces, to: methods, limits: limits, bodyLimits: bodyLimits)
            )
        }
        try requireResponseRewriting(of: bytes)
    }

    /// One direction of a WebSocket, or of something else.
    static let webSockets = FuzzTarget(name: "websockets") { bytes in
        var (whole, cut) = (WebSocketScanner(), WebSocketScanner())
        let found = bytes.withUnsafeBytes { whole.hasData($0) }
        let pieces = bytes.pieces.map { piece in piece.withUnsafeBytes { cut.hasData($0) } }
        try require(pieces.contains(true) == found, "pieces have data where the whole has")
        try require(whole.isForeign == cut.isForeign, "pieces are foreign where the whole is")
        // By the definition: frames, one by one.
        try require(hasData(bytes) == found, "data is what the frames say")
    }

    /// Small limits give errors, and the same ones for pieces.
    private static func requireBounds(_ read: (HeadLimits, BodyLimits) -> (OwnReading, OwnReading)) throws {
        let limits = HeadLimits(head: 120, fields: 4, target: 16, fieldName: 20, method: 6)
        let (whole, pieces) = read(limits, BodyLimits(extensions: 8, trailers: 40, trailerFields: 1))
        try require(whole == pieces, "pieces give the same within small limits")
        try require(whole.messages.allSatisfy { $0.fields.count <= 8 }, "no head has more fields than allowed")
    }
}

/// Sends the first request on, and reads what was sent.
private func requireRewriting(of bytes: [UInt8]) throws {
    var parser = RequestParser()
    guard (try? bytes.withUnsafeBytes { try parser.parse($0) }) == true else { return }
    let head = parser.head
    var rewriting = RequestRewriting()
    // Only with HTTP/1.0 nobody may be asked.
    if head.authority == nil { rewriting.host = .replace(Array("x".utf8)) }
    rewriting.strippedPrefix = Array("/p".utf8)
    rewriting.forwarding = Forwarding(address: Array("::1".utf8), scheme: Array("http".utf8))
    rewriting.removedCookies = [Array("s".utf8)]
    rewriting.hop = HopMark(value: Array("me".utf8))
    let sent = try written(bytes) { rewriting.write(head, in: $0, into: $1) }
    var again = RequestParser()
    let isWhole = try sent.withUnsafeBytes { try again.parse($0) }
    try require(isWhole && again.head.length == sent.count, "what is sent is one head")
    try require(again.head.framing == head.framing, "it frames the same content")
    try require(again.head.method == head.method, "it asks for the same")
    try sent.withUnsafeBytes { buffer in
        let section = again.head.section
        try require(section.cookie("s", in: buffer) == nil, "our cookies stay here")
        try require(rewriting.hop?.isOn(section, in: buffer) == true, "the mark is on it")
        try require(
            section.fields.filter { $0.name == .xForwardedFor }.count == 1, "the client tells nothing of itself")
        try require(
            section.names.isDisjoint(with: FieldNames(.disguised, .keepAlive, .proxy)),
            "nothing of the connection is sent")
    }
    guard head.method != .connect, head.method != .other else { return }
    try require(try Comparison(requests: sent).disagreement == nil, "llhttp reads what is sent")
}

/// Sends the first response on, and reads what was sent.
private func requireResponseRewriting(of bytes: [UInt8]) throws {
    var parser = ResponseParser()
    guard (try? bytes.withUnsafeBytes { try parser.parse($0) }) == true else { return }
    let head = parser.head
    var rewriting = ResponseRewriting()
    (rewriting.prefix, rewriting.backends) = (Array("/p".utf8), [Array("a".utf8)])
    rewriting.removedCookies = [Array("s".utf8)]
    let client = ResponseRewriting.Client(version: .http11, isPersistent: true)
    let sent = try written(bytes) { rewriting.write(head, in: $0, to: client, into: $1) }
    var again = ResponseParser()
    let isWhole = try sent.withUnsafeBytes { try again.parse($0) }
    try require(
        isWhole && again.head.length == sent.count && again.head.status == head.status, "what is sent is one head")
    try require(
        (try? again.head.framing(answering: .get, wantsUpgrade: false))
            == (try? head.framing(answering: .get, wantsUpgrade: false)), "it frames the same content")
}

private func written(
    _ bytes: [UInt8], _ write: (UnsafeRawBufferPointer, UnsafeMutableRawBufferPointer) -> Int?
) throws -> [UInt8] {
    var memory = [UInt8](repeating: 0, count: 4 * bytes.count + 1024)
    let count = bytes.withUnsafeBytes { bytes in memory.withUnsafeMutableBytes { write(bytes, $0) } }
    guard let count else { throw Violation(description: "it does not hold that every head can be sent on") }
    return Array(memory.prefix(count))
}

/// Whether bytes have data, by the frames of a WebSocket in the plain way.
private func hasData(_ bytes: [UInt8]) -> Bool {
    var found = false
    var place = 0
    while place < bytes.count {
        let first = bytes[place]
        let opcode = first & 0x0F
        let isControl = (8...10).contains(opcode) && first & 0xF0 == 0x80
        guard isControl || (opcode < 3 && first & 0x30 == 0) else { return true }
        found = found || !isControl
        guard place + 1 < bytes.count else { return found }
        let short = Int(bytes[place + 1] & 0x7F)
        let extra = short == 126 ? 2 : short == 127 ? 8 : 0
        guard !isControl || extra == 0 else { return true }
        guard place + 2 + extra <= bytes.count else { return found }
        let long = bytes[(place + 2)..<(place + 2 + extra)].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        guard long <= UInt64(Int64.max) else { return true }
        let length = extra == 0 ? UInt64(short) : long
        let start = place + 2 + extra + (bytes[place + 1] & 0x80 != 0 ? 4 : 0)
        guard start < bytes.count, length < UInt64(bytes.count - start) else { return found }
        place = start + Int(length)
    }
    return found
}
