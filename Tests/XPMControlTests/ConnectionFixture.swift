import Logging
import NIOCore
import NIOEmbedded
import XPMProtocol

@testable import XPMControl

/// One client's connection without a socket, on an event loop whose time the test moves.
final class ConnectionFixture {
    let channel: EmbeddedChannel
    let calls: Calls
    let log = ModelLog(page: 3)
    let feed: EventFeed
    private(set) var closed = 0

    /// Beside other clients where it shares their loop and rotation.
    init(
        loop: EmbeddedEventLoop = EmbeddedEventLoop(), rotation: Rotation? = nil, calls: Calls = Calls(),
        refusal: WireError? = nil
    ) throws {
        self.calls = calls
        channel = EmbeddedChannel(handlers: [], loop: loop)
        feed = EventFeed(source: log)
        let connection = ControlConnection(
            table: .sample, context: calls, feed: feed, rotation: rotation ?? Rotation(loop: loop),
            // An embedded loop knows no other threads.
            reader: RequestReader(limit: .max), logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            helloDeadline: .seconds(5), refusal: refusal, onClose: { [unowned self] _ in closed += 1 })
        try channel.pipeline.syncOperations.addHandler(connection)
        channel.connect(to: try SocketAddress(unixDomainSocketPath: "/client"), promise: nil)
    }

    var connection: ControlConnection<Calls> {
        get throws { try channel.pipeline.syncOperations.handler(type: ControlConnection<Calls>.self) }
    }

    /// Sends requests as one piece of the stream, and lets the loop do all that is to be done.
    func send(_ payloads: String...) throws {
        try arrive(payloads)
        settle()
    }

    /// Requests arrive as one piece of the stream.
    func arrive(_ payloads: [String]) throws {
        try channel.writeInbound(ByteBuffer(bytes: payloads.flatMap { Frame.encode(Array($0.utf8)) }))
    }

    /// Lets the loop do all that is to be done now, in as many turns as that takes.
    func settle() { channel.embeddedEventLoop.advanceTime(by: .milliseconds(100)) }

    func greet() throws {
        try send(Self.hello)
        _ = try replies()
    }

    static let hello =
        #"{"id":0,"jsonrpc":"2.0","method":"hello","params":{"client":"test","versions":{"min":1,"max":1}}}"#

    /// The frames that have left, as texts.
    func replies() throws -> [String] {
        var bytes = ByteBuffer()
        while var part = try channel.readOutbound(as: ByteBuffer.self) { bytes.writeBuffer(&part) }
        var texts: [String] = []
        while let length = bytes.readInteger(as: UInt32.self), let text = bytes.readString(length: Int(length)) {
            texts.append(text)
        }
        return texts
    }

    /// The codes of the refusals that have left.
    func refusals() throws -> [ErrorCode] {
        try replies().compactMap { try Wire.decode(Response<JSONValue>.self, from: $0.utf8).error?.code }
    }
}
