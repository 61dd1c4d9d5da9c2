import XPMProtocol

/// A client of this process that hosts services as a test wants it to.
final class RawHost {
    let client: RawClient
    private let run: RunIdentity
    private var lastID = 0
    /// What the daemon asked for while something else was awaited.
    private var waiting: [HostRequest] = []

    init(_ socket: String, of run: RunIdentity) throws {
        client = try RawClient(socket)
        self.run = run
        try client.greet()
    }

    /// Adds a hosted service.
    @discardableResult
    func add(_ id: String, defining: (inout ServiceDefinition) -> Void = { _ in }) throws -> AddService.Reply {
        var definition = ServiceDefinition(run: .hosted)
        defining(&definition)
        return try ask(AddService(to: run, id: id, definition: definition))
    }

    /// What the daemon asks for next.
    func request() throws -> HostRequest {
        if !waiting.isEmpty { return waiting.removeFirst() }
        guard let payload = try client.payload() else { throw TestFailure("xpmd closed the connection of a host") }
        return try Wire.decode(HostRequest.self, from: payload)
    }

    /// The next request, which is `method`, answered with `{}`; its attempt.
    @discardableResult
    func take(_ method: HostRequest.Method) throws -> UInt64 {
        let request = try request()
        guard request.method == method else {
            throw TestFailure("xpmd asks for \(request), not for \(method.rawValue)")
        }
        client.send(frame: String(decoding: try Wire.encode(Response(id: request.id, result: Empty())), as: UTF8.self))
        return request.params.attempt
    }

    func notify(_ attempt: UInt64, _ text: String) throws { _ = try ask(NotifyHosted(attempt: attempt, text: text)) }

    func end(_ attempt: UInt64, error: String? = nil) throws { _ = try ask(EndHosted(attempt: attempt, error: error)) }

    /// Asks the daemon; throws its refusal.
    func ask<M: Method>(_ method: M) throws -> M.Reply {
        lastID += 1
        let id = RequestID.string("own \(lastID)")
        client.send(Frame.encode(try Wire.encode(Request(id: id, method))))
        while let payload = try client.payload() {
            if let request = try? Wire.decode(HostRequest.self, from: payload) {
                waiting.append(request)
                continue
            }
            let reply = try Wire.decode(Response<M.Reply>.self, from: payload)
            guard reply.id == id else { throw TestFailure("xpmd replies to \(String(describing: reply.id))") }
            if let error = reply.error { throw error }
            guard let result = reply.result else { break }
            return result
        }
        throw TestFailure("xpmd closed the connection of a host")
    }
}
