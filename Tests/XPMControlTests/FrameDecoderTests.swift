import NIOCore
import Testing
import XPMProtocol

@testable import XPMControl

@Suite struct FrameDecoderTests {
    private let payloads = ["{}", #"{"id":1,"jsonrpc":"2.0","method":"hello"}"#, "é\u{1F600}"].map { Array($0.utf8) }

    private var stream: [UInt8] { payloads.flatMap(Frame.encode) }

    private func rest(of decoder: inout FrameDecoder) throws -> [[UInt8]] {
        var frames: [[UInt8]] = []
        while decoder.hasNext, let frame = try decoder.next() { frames.append(Array(frame.readableBytesView)) }
        return frames
    }

    @Test func framesCutAtAnyByteArriveWhole() throws {
        for cut in 0...stream.count {
            var decoder = FrameDecoder()
            decoder.append(ByteBuffer(bytes: stream[..<cut]))
            let first = try rest(of: &decoder)
            decoder.append(ByteBuffer(bytes: stream[cut...]))
            #expect(try first + rest(of: &decoder) == payloads, "cut at \(cut)")
            #expect(!decoder.hasNext)
        }
    }

    @Test func framesArriveWholeByteByByte() throws {
        var decoder = FrameDecoder()
        var frames: [[UInt8]] = []
        for byte in stream {
            decoder.append(ByteBuffer(bytes: [byte]))
            frames += try rest(of: &decoder)
        }
        #expect(frames == payloads)
    }

    /// Far more than is kept at a time, in pieces that never end with a frame.
    @Test func longStreamInPiecesStaysWhole() throws {
        let all = (0..<2_000).map { number in
            Array(repeating: UInt8(truncatingIfNeeded: number), count: 1 + number % 700)
        }
        let stream = all.flatMap(Frame.encode)
        var decoder = FrameDecoder()
        var frames: [[UInt8]] = []
        for start in stride(from: 0, to: stream.count, by: 4_097) {
            decoder.append(ByteBuffer(bytes: stream[start..<min(start + 4_097, stream.count)]))
            // One is taken at a time, as by a connection that has had its turn.
            if decoder.hasNext, let frame = try decoder.next() { frames.append(Array(frame.readableBytesView)) }
        }
        #expect(try frames + rest(of: &decoder) == all)
    }

    @Test func lengthOverTheLimitIsRefusedByItsHeaderAlone() throws {
        var decoder = FrameDecoder()
        decoder.append(ByteBuffer(bytes: Frame.header(for: Frame.requestLimit + 1)))
        #expect(decoder.hasNext)
        let error = #expect(throws: WireError.self) { try decoder.next() }
        #expect(error?.code == .frameTooLarge)
        #expect(error?.data["limit"] == .integer(Int64(Frame.requestLimit)))
    }

    @Test func longestRequestIsTaken() throws {
        var decoder = FrameDecoder()
        let payload = [UInt8](repeating: 32, count: Frame.requestLimit)
        decoder.append(ByteBuffer(bytes: Frame.encode(payload)))
        #expect(try rest(of: &decoder) == [payload])
    }

    @Test func emptyFrameIsRefused() throws {
        var decoder = FrameDecoder()
        decoder.append(ByteBuffer(bytes: [0, 0, 0, 0]))
        #expect(decoder.hasNext)
        let error = #expect(throws: WireError.self) { try decoder.next() }
        #expect(error?.code == .parseError)
    }

    @Test func partOfAFrameIsNothingYet() throws {
        for cut in 1..<Frame.encode(payloads[0]).count {
            var decoder = FrameDecoder()
            decoder.append(ByteBuffer(bytes: stream[..<cut]))
            #expect(!decoder.hasNext, "cut at \(cut)")
            #expect(try decoder.next() == nil, "cut at \(cut)")
        }
    }
}
