import XPMProtocol

/// What becomes of a client's bytes by the rules of protocol/README.md, made of nothing but XPMProtocol's parts.
struct Reception: Equatable {
    var error: ErrorCode?
    var id: RequestID?
    var closes: Bool

    /// Receives the whole stream of a client that leaves after it.
    init(of stream: [UInt8]) {
        var splitter = FrameSplitter(limit: Frame.requestLimit)
        splitter.append(stream)
        do {
            guard let payload = try splitter.next() else {
                self.init(error: nil, id: nil, closes: true)
                return
            }
            self = Self.reading(payload)
        } catch {
            self.init(error: error.code, id: nil, closes: true)
        }
    }

    private init(error: ErrorCode?, id: RequestID?, closes: Bool) {
        self.error = error
        self.id = id
        self.closes = closes
    }

    private struct Identified: Decodable {
        var id: RequestID
    }

    private struct Addressed: Decodable {
        var jsonrpc: String
        var method: String
    }

    private static func reading(_ payload: [UInt8]) -> Reception {
        func refusal(_ code: ErrorCode, id: RequestID? = nil) -> Reception {
            Reception(error: code, id: id, closes: false)
        }
        do {
            let id = try Wire.decode(Identified.self, from: payload).id
            do {
                let addressed = try Wire.decode(Addressed.self, from: payload)
                guard addressed.jsonrpc == "2.0" else { return refusal(.invalidRequest, id: id) }
                guard let method = try? MethodKind.named(addressed.method) else {
                    return refusal(.unknownMethod, id: id)
                }
                do {
                    _ = try method.rewriteRequest(payload)
                    return Reception(error: nil, id: id, closes: false)
                } catch let error as WireError {
                    return refusal(error.code, id: id)
                } catch {
                    return refusal(.invalidParameters, id: id)
                }
            } catch {
                return refusal(.invalidRequest, id: id)
            }
        } catch let error as WireError {
            return refusal(error.code)
        } catch {
            return refusal(.invalidRequest)
        }
    }
}
