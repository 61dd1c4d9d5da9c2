import Testing

@testable import XPMProtocol

@Suite struct FrameTests {
    private static let payloads = [
        [0x31], Array("{\"id\":1}".utf8), [UInt8](repeating: 0x20, count: 300), [0x32, 0x33],
    ]
    private static let stream = payloads.flatMap(Frame.encode)

    private func drain(_ splitter: inout FrameSplitter) throws -> [[UInt8]] {
        var payloads: [[UInt8]] = []
        while let payload = try splitter.next() { payloads.append(payload) }
        return payloads
    }

    @Test func streamMayBeCutAnywhere() throws {
        for cut in 0...Self.stream.count {
            var splitter = FrameSplitter(limit: 300)
            splitter.append(Self.stream[..<cut])
            var payloads = try drain(&splitter)
            splitter.append(Self.stream[cut...])
            payloads += try drain(&splitter)
            #expect(payloads == Self.payloads, "cut at byte \(cut)")
        }
    }

    @Test func everyVectorMayBeCutAnywhere() throws {
        for vector in Vector.all {
            for cut in vector.frame.indices {
                var splitter = FrameSplitter(limit: Frame.replyLimit)
                splitter.append(vector.frame[..<cut])
                let early = try splitter.next()
                #expect(early == nil, "\(vector.name) was complete after \(cut) bytes")
                splitter.append(vector.frame[cut...])
                let payload = try splitter.next()
                #expect(payload == vector.payload, "\(vector.name) cut at byte \(cut)")
            }
        }
    }

    @Test func streamMayComeByteByByte() throws {
        var splitter = FrameSplitter(limit: 300)
        var payloads: [[UInt8]] = []
        for byte in Self.stream {
            splitter.append(CollectionOfOne(byte))
            payloads += try drain(&splitter)
        }
        #expect(payloads == Self.payloads)
    }

    @Test func streamThatIsNeverAtAFramesEndIsForgotten() throws {
        var splitter = FrameSplitter(limit: 1000)
        let frame = Frame.encode([UInt8](repeating: 0x20, count: 996))
        splitter.append(frame.prefix(1))
        for _ in 0..<200 {
            splitter.append(frame.dropFirst())
            splitter.append(frame.prefix(1))
            #expect(try splitter.next() != nil)
            #expect(try splitter.next() == nil)
        }
        #expect(splitter.bufferedCount < 5000)
    }

    @Test func lengthAtTheLimitIsAcceptedAndOneMoreIsNot() throws {
        #expect(try Frame.length(of: [0, 0x10, 0, 0], limit: Frame.requestLimit) == 1 << 20)
        #expect(try Frame.length(of: [1, 0, 0, 0], limit: Frame.replyLimit) == 16 << 20)
        #expect(throws: WireError.self) { try Frame.length(of: [0, 0x10, 0, 1], limit: Frame.requestLimit) }
        #expect(throws: WireError.self) { try Frame.length(of: [1, 0, 0, 1], limit: Frame.replyLimit) }
    }

    @Test func refusedLengthSaysBothNumbers() throws {
        let refusal = #expect(throws: WireError.self) { try Frame.length(of: [0xFF, 0xFF, 0xFF, 0xFF], limit: 10) }
        #expect(refusal?.code == .frameTooLarge)
        #expect(refusal?.data == ["length": 4_294_967_295, "limit": 10])
    }

    @Test func refusedStreamStaysRefused() {
        var splitter = FrameSplitter(limit: 10)
        splitter.append([0, 0, 0, 11])
        #expect(throws: WireError.self) { try splitter.next() }
        splitter.append(Frame.encode([0x31]))
        #expect(throws: WireError.self) { try splitter.next() }
    }

    @Test(arguments: [
        (0, [0, 0, 0, 0]), (1, [0, 0, 0, 1]), (0x0102_0304, [1, 2, 3, 4]), (Int(UInt32.max), [255, 255, 255, 255]),
    ])
    func headerIsBigEndian(count: Int, bytes: [UInt8]) {
        #expect(Frame.header(for: count) == bytes)
    }
}
