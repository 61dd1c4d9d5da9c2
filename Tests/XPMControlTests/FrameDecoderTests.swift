import NIOCore
import NIOEmbedded
import Testing
import XPMProtocol

@testable import XPMControl

@Suite struct FrameDecoderTests {
    private let payloads = ["{}", #"{"id":1,"jsonrpc":"2.0","method":"hello"}"#, "é\u{1F600}"].map { Array($0.utf8) }

    private var stream: [UInt8] { payloads.flatMap(Frame.encode) }

    private func channel() throws -> EmbeddedChannel {
        let channel = EmbeddedChannel()
        try channel.pipeline.syncOperations.addHandler(ByteToMessageHandler(FrameDecoder()))
        return channel
    }

    private func read(_ channel: EmbeddedChannel) throws -> [[UInt8]] {
        var frames: [[UInt8]] = []
        while let frame = try channel.readInbound(as: ByteBuffer.self) { frames.append(Array(frame.readableBytesView)) }
        return frames
    }

    @Test func framesCutAtAnyByteArriveWhole() throws {
        for cut in 0...stream.count {
            let channel = try channel()
            try channel.writeInbound(ByteBuffer(bytes: stream[..<cut]))
            try channel.writeInbound(ByteBuffer(bytes: stream[cut...]))
            #expect(try read(channel) == payloads, "cut at \(cut)")
            _ = try channel.finish()
        }
    }

    @Test func framesArriveWholeByteByByte() throws {
        let channel = try channel()
        for byte in stream { try channel.writeInbound(ByteBuffer(bytes: [byte])) }
        #expect(try read(channel) == payloads)
        _ = try channel.finish()
    }

    @Test func lengthOverTheLimitIsRefusedByItsHeaderAlone() throws {
        let channel = try channel()
        let error = #expect(throws: WireError.self) {
            try channel.writeInbound(ByteBuffer(bytes: Frame.header(for: Frame.requestLimit + 1)))
        }
        #expect(error?.code == .frameTooLarge)
        #expect(error?.data["limit"] == .integer(Int64(Frame.requestLimit)))
        #expect(try read(channel).isEmpty)
    }

    @Test func longestRequestIsTaken() throws {
        let channel = try channel()
        let payload = [UInt8](repeating: 32, count: Frame.requestLimit)
        try channel.writeInbound(ByteBuffer(bytes: Frame.encode(payload)))
        #expect(try read(channel) == [payload])
        _ = try channel.finish()
    }

    @Test func emptyFrameIsRefused() throws {
        let channel = try channel()
        let error = #expect(throws: WireError.self) { try channel.writeInbound(ByteBuffer(bytes: [0, 0, 0, 0])) }
        #expect(error?.code == .parseError)
    }

    @Test func clientThatLeavesWithinAFrameSaysNothing() throws {
        for cut in 1..<Frame.encode(payloads[0]).count {
            let channel = try channel()
            try channel.writeInbound(ByteBuffer(bytes: stream[..<cut]))
            #expect(try channel.finish().isClean, "cut at \(cut)")
        }
    }
}
