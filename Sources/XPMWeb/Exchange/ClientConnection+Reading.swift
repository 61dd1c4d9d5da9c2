import XPMHTTP

extension ClientConnection {
    /// Reads a head, out of what is there or from the socket, and hands over its request.
    func readHead() -> Bool {
        if !input.isEmpty, partial == nil {
            let input = input
            return input.withBytes { parse($0, isInput: true) }
        }
        guard mayRead else { return false }
        switch receive(into: engine.clientInbox) {
        case .bytes(let count):
            let bytes = UnsafeRawBufferPointer(rebasing: engine.clientInbox[..<count])
            guard partial != nil else { return parse(bytes, isInput: false) }
            input.append(bytes)
            let input = input
            return input.withBytes { parse($0, isInput: true) }
        case .nothing: return false
        case .end, .broken:
            close()
            return false
        }
    }

    /// Parses on. `isInput` says that the bytes are those of `input`.
    private func parse(_ bytes: UnsafeRawBufferPointer, isInput: Bool) -> Bool {
        do throws(MessageError) {
            if let partial {
                guard try partial.parser.parse(bytes) else { return true }
                begin(partial.parser.head, bytes, isInput: isInput)
            } else {
                engine.requests.reset()
                guard try engine.requests.parse(bytes) else {
                    partial = PartialHead(engine.requests)
                    if !isInput { input.append(bytes) }
                    join(engine.heading)
                    if engine.heading.count > engine.limits.heading { engine.heading.first?.close() }
                    expire(after: engine.limits.head)
                    return true
                }
                begin(engine.requests.head, bytes, isInput: isInput)
            }
        } catch {
            refuse(error.status, "cannot read the request: \(error.reason)")
        }
        return true
    }

    private func begin(_ head: RequestHead, _ bytes: UnsafeRawBufferPointer, isInput: Bool) {
        partial = nil
        leaveLineup()
        expireNever()
        if isInput {
            input.drop(head.length)
        } else {
            input.append(UnsafeRawBufferPointer(rebasing: bytes[head.length...]))
        }
        let turn = Turn(head, of: self)
        let exchange = Exchange(head: head, bytes: Array(bytes[..<head.length]), peer: peer, end: turn)
        turn.exchange = exchange
        self.turn = turn
        if head.method == .connect || head.method == .trace {
            exchange.answer(Answer(405, [("Allow", "GET, HEAD, POST, PUT, DELETE, OPTIONS, PATCH")]))
        } else if head.version == .http11, head.section.has(.expect), !head.section.expectsContinue {
            exchange.answer(Answer(417))
        } else {
            engine.handler(exchange)
        }
    }

    /// Answers what is no request, and closes.
    func refuse(_ status: Int, _ reason: String) {
        partial = nil
        let text = reason + "\n"
        let head = AnswerHead(status: status, fields: [("Content-Type", "text/plain; charset=utf-8")])
        if let count = head.write(
            .length(text.utf8.count), to: .init(version: .http11, isPersistent: false), into: engine.outbox)
        {
            send(Array(engine.outbox[..<count]) + Array(text.utf8))
        }
        closesAfterOutput = true
    }

    /// Gives the turn some of its content, out of what is there or from the socket.
    func readContent(of turn: Turn) -> Bool {
        do throws(MessageError) {
            if !input.isEmpty {
                let waiting = input
                let count = try waiting.withBytes { (bytes) throws(MessageError) in try turn.take(bytes) }
                input.drop(count)
                if turn.content.isEnd { turn.contentHasEnded() }
                return true
            }
            guard mayRead else { return false }
            switch receive(into: engine.clientInbox) {
            case .bytes(let count):
                let bytes = UnsafeRawBufferPointer(rebasing: engine.clientInbox[..<count])
                let taken = try turn.take(bytes)
                input.append(UnsafeRawBufferPointer(rebasing: bytes[taken...]))
                if turn.content.isEnd { turn.contentHasEnded() }
                return true
            case .nothing: return false
            case .end where turn.stage == .done:
                turn.keeps = false
                turn.end()
                return true
            case .end, .broken:
                abort()
                return false
            }
        } catch {
            turn.contentIsMalformed(error)
            return true
        }
    }
}
