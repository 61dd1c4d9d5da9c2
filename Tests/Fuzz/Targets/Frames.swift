import NIOCore
import XPMProtocol

@testable import XPMControl

extension FuzzTarget {
    /// The bytes of a connection, as both readers of frames cut them.
    static let frames = FuzzTarget(name: "frames") { bytes in
        for limit in [40, Frame.requestLimit] {
            let whole = CutStream(splitting: [bytes[...]], limit: limit)
            try require(CutStream(splitting: bytes.pieces, limit: limit) == whole, "pieces give the same frames")
            let frames = whole.payloads.flatMap(Frame.encode)
            try require(bytes.starts(with: frames), "payloads in frames are what was read")
            try require(whole.payloads.allSatisfy { (1...limit).contains($0.count) }, "no frame is over the limit")
        }
        let whole = CutStream(splitting: [bytes[...]], limit: Frame.requestLimit)
        try require(CutStream(decoding: bytes.pieces) == whole, "the daemon cuts as clients do")
    }
}

/// What a stream of bytes is cut into.
private struct CutStream: Equatable {
    var payloads: [[UInt8]] = []
    var error: ErrorCode?

    init(splitting pieces: [ArraySlice<UInt8>], limit: Int) {
        var splitter = FrameSplitter(limit: limit)
        do throws(WireError) {
            for piece in pieces {
                splitter.append(piece)
                while let payload = try splitter.next() { payloads.append(payload) }
            }
        } catch {
            self.error = error.code
        }
    }

    init(decoding pieces: [ArraySlice<UInt8>]) {
        var decoder = FrameDecoder()
        do throws(WireError) {
            for piece in pieces {
                decoder.append(ByteBuffer(bytes: piece))
                while let payload = try decoder.next() { payloads.append(Array(payload.readableBytesView)) }
            }
        } catch {
            self.error = error.code
        }
    }
}
