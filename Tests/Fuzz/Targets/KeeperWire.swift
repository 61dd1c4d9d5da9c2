@testable import XPMKeeping

extension FuzzTarget {
    /// The bytes between daemon and keeper, in both directions.
    static let keeperWire = FuzzTarget(name: "keeper-wire") { bytes in
        let whole = CutStream([bytes[...]])
        try require(CutStream(bytes.pieces) == whole, "pieces give the same bodies")
        for body in whole.bodies {
            if let request = try? KeeperRequest.decode(body) {
                try require(
                    (try? KeeperRequest.decode(request.encode().dropFirst(4))) == request,
                    "\(request) survives the wire")
            }
            if let message = try? KeeperMessage.decode(body) {
                let written = message.encode()
                try require(
                    (try? KeeperMessage.decode(written.dropFirst(4))) == message, "\(message) survives the wire")
                try require(written.dropFirst(4).elementsEqual(body), "\(message) is written in one way")
            }
        }
    }
}

/// What a stream of bytes is cut into.
private struct CutStream: Equatable {
    var bodies: [ArraySlice<UInt8>] = []
    var error: KeeperWireError?

    init(_ pieces: [ArraySlice<UInt8>]) {
        var splitter = FrameSplitter()
        do throws(KeeperWireError) {
            for piece in pieces {
                splitter.append(piece)
                while let body = try splitter.next() { bodies.append(body) }
            }
        } catch {
            self.error = error
        }
    }
}
