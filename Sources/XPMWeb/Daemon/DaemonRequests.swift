import XPMProtocol

/// Who can be asked something of xpmd: the link to it, or a test's own.
protocol DaemonRequests: AnyObject {
    /// Asks, and calls `done` once, on the loop, never before this returns: with the result's JSON as it came, or with the refusal.
    ///
    /// `params` are one JSON object, checked by whoever hands it over. A request that xpmd answers at once may wait for others, one that
    /// `waits` (`service.wait`) has a connection of its own.
    @discardableResult
    func request(
        _ method: String, params: [UInt8], waits: Bool, done: @escaping (Result<[UInt8], WireError>) -> Void
    ) -> any DaemonRequest
}

/// A request on its way.
protocol DaemonRequest: AnyObject {
    /// Nobody wants the answer any more: `done` is not called, and a wait ends in xpmd, too.
    func cancel()
}

extension DaemonRequests {
    /// Asks by a method's own type.
    @discardableResult
    func request<M: Method>(
        _ method: M, waits: Bool = false, done: @escaping (Result<M.Reply, WireError>) -> Void
    ) -> any DaemonRequest {
        request(M.name, params: (try? Wire.encode(method)) ?? Array("{}".utf8), waits: waits) { result in
            done(
                result.flatMap { bytes in
                    do { return .success(try Wire.decode(M.Reply.self, from: bytes)) } catch {
                        return .failure(
                            WireError(.parseError, "cannot understand xpmd's answer to \(M.name): \(error)"))
                    }
                })
        }
    }
}
