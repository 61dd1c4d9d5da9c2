import NIOCore
import NIOEmbedded
import NIOHTTP1

/// What llhttp makes of a stream of bytes, by NIO's decoder.
public struct LLHTTPReading: Sendable {
    public private(set) var messages: [ReadMessage] = []
    /// What it refuses the rest for.
    public private(set) var error: String?

    /// Reads requests.
    public init(requests bytes: [UInt8]) throws {
        let channel = EmbeddedChannel()
        try channel.pipeline.syncOperations.addHandler(
            ByteToMessageHandler(HTTPRequestDecoder(leftOverBytesStrategy: .dropBytes)))
        feed(bytes, to: channel)
        while let part = try? channel.readInbound(as: HTTPServerRequestPart.self) {
            switch part {
            case .head(let head):
                messages.append(
                    ReadMessage("\(head.method.rawValue) \(head.uri) \(head.version.major).\(head.version.minor)"))
                take(head.headers)
            case .body(let body): take(body)
            case .end: end()
            }
        }
        _ = try? channel.finish(acceptAlreadyClosed: true)
    }

    /// Reads the responses to requests of these methods.
    public init(responses bytes: [UInt8], to methods: [String]) throws {
        let channel = EmbeddedChannel()
        let decoder = HTTPResponseDecoder(leftOverBytesStrategy: .dropBytes, informationalResponseStrategy: .forward)
        try channel.pipeline.syncOperations.addHandler(ByteToMessageHandler(decoder))
        for method in methods {
            let head = HTTPRequestHead(version: .http1_1, method: HTTPMethod(rawValue: method), uri: "/")
            try channel.writeOutbound(HTTPClientRequestPart.head(head))
        }
        feed(bytes, to: channel)
        while let part = try? channel.readInbound(as: HTTPClientResponsePart.self) {
            switch part {
            case .head(let head):
                messages.append(ReadMessage("\(head.version.major).\(head.version.minor) \(head.status.code)"))
                take(head.headers)
                // Of interim responses no end is told.
                if head.status.code < 200, head.status.code != 101 { end() }
            case .body(let body): take(body)
            case .end: end()
            }
        }
        _ = try? channel.finish(acceptAlreadyClosed: true)
    }

    private mutating func feed(_ bytes: [UInt8], to channel: EmbeddedChannel) {
        do {
            try channel.writeInbound(ByteBuffer(bytes: bytes))
        } catch {
            self.error = "\(error)"
        }
    }

    private mutating func take(_ headers: HTTPHeaders) {
        for (name, value) in headers { messages[messages.count - 1].fields += [name, ReadMessage.trimmed(value)] }
    }

    private mutating func take(_ body: ByteBuffer) {
        messages[messages.count - 1].body += Array(body.readableBytesView)
    }

    private mutating func end() { messages[messages.count - 1].isComplete = true }
}
