import XPMHTTP
import XPMProtocol

/// `POST /api/v1/METHOD`: the body is passed on as it is, once it was read strictly, and so is the result.
extension API {
    func call(_ verb: Verb, _ exchange: Exchange) {
        guard Self.isJSON(exchange) || exchange.head.framing == .length(0) else {
            return exchange.answer(
                APIAnswer.refusal(
                    415, code: "unsupported_media_type",
                    "cannot read the body: its Content-Type is not application/json"
                ))
        }
        exchange.collect(limit: Frame.requestLimit - DaemonConversation.envelopeSize(of: verb.name)) {
            [weak self] body in
            self?.call(verb, exchange, body)
        }
    }

    private func call(_ verb: Verb, _ exchange: Exchange, _ body: [UInt8]) {
        let params = body.isEmpty ? Array("{}".utf8) : body
        do throws(WireError) {
            let members = try Self.members(params)
            try verb.check(members)
            ask(verb, params, waits: verb.waits(members), exchange)
        } catch {
            exchange.answer(APIAnswer.refusal(error))
        }
    }

    /// What waits for the answer to an exchange: the last try.
    private final class Current { var request: (any DaemonRequest)? }

    private func ask(_ verb: Verb, _ params: [UInt8], waits: Bool, _ exchange: Exchange) {
        let current = Current()
        exchange.whenAborted { current.request?.cancel() }
        func ask(tries: Int) {
            current.request = parts.daemon.request(verb.name, params: params, waits: waits) { result in
                switch result {
                case .success(let bytes): exchange.answer(APIAnswer.bytes(bytes))
                // xpmd was restarted, as it seems.
                case .failure(let error) where error.code == .connectionLost && tries > 1: ask(tries: tries - 1)
                case .failure(let error): exchange.answer(APIAnswer.refusal(error))
                }
            }
        }
        ask(tries: verb.isQuestion ? 2 : 1)
    }

    /// Reads the parameters as strictly as xpmd does: nothing else may get into a request than one object.
    private static func members(_ body: [UInt8]) throws(WireError) -> [String: JSONValue] {
        let value: JSONValue
        do { value = try Wire.decode(JSONValue.self, from: body, foreign: true) } catch let error as WireError {
            throw error
        } catch {
            throw WireError(.parseError, "cannot read the body: \(error)")
        }
        guard case .object(let members) = value else {
            throw WireError(.invalidParameters, "cannot read the body: it is not an object")
        }
        return members
    }

    private static func isJSON(_ exchange: Exchange) -> Bool {
        guard let type = exchange.field("content-type") else { return false }
        return type.prefix { $0 != ";" }.lowercased().filter { $0 != " " } == "application/json"
    }
}
