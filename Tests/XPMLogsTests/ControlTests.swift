import SeededRandom
import Testing

@testable import XPMLogs

/// What crosses the logger's socket.
struct ControlTests {
    static let orders: [LoggerOrder] = [
        .take(
            TakeOrder(
                stream: .max, attempt: 2, began: -3, path: "/a/ü",
                policy: RotationPolicy(size: 4, age: 5, count: 6))),
        .begin(
            BeginOrder(
                stream: 1, attempt: .max, began: .min,
                policy: RotationPolicy(size: 0, age: 0, count: 1, rotatesAtStart: true))),
        .clear(path: "/a"), .settle(stream: 7), .list(after: 8), .restored, .forget(stream: 9), .end,
    ]
    static let entry = StreamEntry(
        stream: 1, path: "/x", pipe: 2, bytes: 3, dropped: 4, isEnded: true, fault: "cannot write")
    static let messages: [LoggerMessage] = [
        .welcome(version: 1, pid: -1), .taken(stream: 1), .refused(stream: 2, .takenPath, reason: "why"),
        .ended(stream: 3, bytes: 4, dropped: 5), .fault(stream: 6, text: "cannot"), .dropped(stream: 7, lines: 8),
        .surprise(stream: 9, path: "/y", .moved), .settled(stream: 10, isWritten: true), .listed([], isLast: true),
        .listed([entry, entry], isLast: false), .cleared(path: "/z", problem: ""),
    ]

    @Test(arguments: orders) func ordersComeBack(_ order: LoggerOrder) throws {
        #expect(try LoggerOrder.decode(order.encode()) == order)
    }

    @Test(arguments: messages) func messagesComeBack(_ message: LoggerMessage) throws {
        #expect(try LoggerMessage.decode(message.encode()) == message)
    }

    @Test func cutAndLengthenedPacketsAreRefused() {
        for packet in Self.orders.map({ $0.encode() }) {
            for count in packet.indices {
                #expect(throws: PacketError.self) { try LoggerOrder.decode(Array(packet[..<count])) }
            }
            #expect(throws: PacketError.surplus) { try LoggerOrder.decode(packet + [0]) }
        }
        for packet in Self.messages.map({ $0.encode() }) {
            for count in packet.indices {
                #expect(throws: PacketError.self) { try LoggerMessage.decode(Array(packet[..<count])) }
            }
            #expect(throws: PacketError.surplus) { try LoggerMessage.decode(packet + [0]) }
        }
    }

    @Test func changedPacketsNeverTrapAndWhatIsReadIsWrittenTheSame() {
        var random = SeededRandom(seed: SeededRandom.seed)
        for _ in 0..<20_000 {
            var packet =
                (Self.orders.map { $0.encode() } + Self.messages.map { $0.encode() }).randomElement(using: &random)
                ?? []
            for _ in 0...random.next() % 4 {
                packet[Int(random.next() % UInt64(packet.count))] = UInt8(truncatingIfNeeded: random.next())
            }
            if let order = try? LoggerOrder.decode(packet) { #expect(order.encode() == packet) }
            if let message = try? LoggerMessage.decode(packet) { #expect(message.encode() == packet) }
        }
    }

    @Test func nonsenseEndsTheConnectionAndNothingElse() throws {
        let logger = try LoggerFixture()
        let (number, writer) = try logger.take()
        let socket = try PacketSocket.open()
        let result = try PacketSocket.withAddress(logger.folder.path + "/logger.sock") { connectTo(socket, $0, $1) }
        #expect(result == 0)
        #expect(sendPacket(socket, [99, 1, 2]) == 0)
        // Its end comes behind the welcome.
        while try receivePacket(socket) > 0 {}
        try put("well\n", writer)
        try logger.settle(number)
        #expect(logger.folder.text("out") == "well\n")
        withExtendedLifetime(writer) {}
    }
}
