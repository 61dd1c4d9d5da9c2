import XPMProtocol

/// The reply to one of several requests that were submitted on one connection.
public struct SubmittedReply: Sendable {
    /// That of the request.
    public let id: RequestID
    private let payload: [UInt8]

    init(id: RequestID, payload: [UInt8]) {
        self.id = id
        self.payload = payload
    }

    /// What the request of type `method` is answered with: its reply, or the daemon's refusal.
    public func result<M: Method>(of method: M.Type) -> Result<M.Reply, WireError> {
        do {
            let response = try Wire.decode(Response<M.Reply>.self, from: payload)
            if let reply = response.result { return .success(reply) }
            return .failure(
                response.error ?? WireError(.internalError, "cannot finish \(M.name): xpmd gives no reason"))
        } catch {
            return .failure(WireError(.parseError, "cannot understand xpmd's answer to \(M.name): \(error)"))
        }
    }
}
