import XPMHTTP

extension Turn {
    /// Whether content of the request can be taken now.
    var wantsContent: Bool {
        guard !content.isEnd else { return false }
        switch sink {
        case .undecided: return false
        case .collecting, .dropping: return true
        case .forwarding: return backend?.output.isEmpty ?? true
        }
    }

    func collect(limit: Int, _ done: @escaping ([UInt8]) -> Void) {
        guard let client, stage == .none, case .undecided = sink else { return }
        if let length = head.section.contentLength, length > UInt64(limit) { return answerAndClose(Answer(413)) }
        if content.isEnd { return done([]) }
        if awaitsContinue {
            awaitsContinue = false
            client.send("HTTP/1.1 100 Continue\r\n\r\n")
        }
        sink = .collecting(limit: limit, done)
        client.process()
    }

    /// Takes some of the bytes: how many.
    func take(_ bytes: UnsafeRawBufferPointer) throws(MessageError) -> Int {
        awaitsContinue = false
        switch sink {
        case .undecided: return 0
        case .forwarding:
            let count = try content.pass(bytes)
            taken += UInt64(count)
            if let backend, !backend.isBroken {
                backend.send(UnsafeRawBufferPointer(rebasing: bytes[..<count]))
                // The time for the response begins with the last piece of the request.
                if stage == .none { backend.expire(after: backend.engine.limits.response) }
            }
            return count
        case .dropping:
            let count = try content.pass(bytes)
            taken += UInt64(count)
            if let limits = engine?.limits, taken > limits.dropped, !content.isEnd { throw .endsEarly }
            return count
        case .collecting(let limit, _):
            var count = 0
            while count < bytes.count, !content.isEnd {
                let rest = UnsafeRawBufferPointer(rebasing: bytes[count...])
                let piece = try content.next(rest)
                collected.append(contentsOf: rest[piece.content])
                count += piece.count
                isTooLarge = collected.count > limit
                if isTooLarge { throw .endsEarly }
            }
            taken += UInt64(count)
            return count
        }
    }

    func contentHasEnded() {
        switch sink {
        case .collecting(_, let done):
            sink = .undecided
            let bytes = collected
            collected = []
            done(bytes)
        case .undecided, .forwarding, .dropping: break
        }
        if stage == .done { end() }
    }

    /// The content cannot be read, or is too much: nothing that follows is a request.
    func contentIsMalformed(_ error: MessageError) {
        keeps = false
        backend?.close()
        backend = nil
        if stage == .none {
            if isTooLarge { return answerAndClose(Answer(413)) }
            let type = "text/plain; charset=utf-8"
            return answerAndClose(
                Answer(error.status, type: type, text: "cannot read the request: \(error.reason)\n"))
        }
        if stage != .done { client?.isTruncated = head.version == .http10 }
        endActivity()
        stream?.clientHasClosed()
        exchange = nil
        end()
    }

    func answerAndClose(_ answer: Answer) {
        keeps = false
        sink = .undecided
        self.answer(answer)
    }
}
