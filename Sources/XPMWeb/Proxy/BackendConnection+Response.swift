import XPMHTTP

extension BackendConnection {
    /// Takes what was read.
    func take(_ bytes: UnsafeMutableRawBufferPointer, for turn: Turn) {
        // Behind the response, while the request is still being sent, nothing may come.
        guard turn.stage != .done else { return isPersistent = false }
        do throws(MessageError) {
            if content != nil {
                try pass(bytes, behind: 0, for: turn)
            } else if partial == nil {
                try readHeads(bytes, for: turn)
            } else {
                // Rare: a head in pieces. It is kept, and read out of the inbox once more when it is whole.
                held.append(UnsafeRawBufferPointer(bytes))
                try readHeld(for: turn)
            }
        } catch { isMalformed(error, for: turn) }
    }

    /// Reads heads from the beginning of `bytes` on, interim ones, too, and passes what is behind them.
    private func readHeads(_ bytes: UnsafeMutableRawBufferPointer, for turn: Turn) throws(MessageError) {
        var rest = bytes
        while !rest.isEmpty {
            engine.responses.reset()
            guard try engine.responses.parse(UnsafeRawBufferPointer(rest)) else {
                partial = engine.responses
                held.append(UnsafeRawBufferPointer(rest))
                return
            }
            let head = engine.responses.head
            let behind = UnsafeMutableRawBufferPointer(rebasing: rest[head.length...])
            if head.isInterim {
                try passInterim(head, UnsafeRawBufferPointer(rest), for: turn)
                rest = behind
                continue
            }
            return try begin(head, UnsafeRawBufferPointer(rest), content: behind, for: turn)
        }
    }

    private func readHeld(for turn: Turn) throws(MessageError) {
        let all = held
        try all.withBytes { (bytes) throws(MessageError) in
            guard try partial?.parse(bytes) ?? false, let head = partial?.head else { return }
            partial = nil
            held = ByteQueue()
            // What is behind the head came with the last read: there is room for it in the inbox.
            let behind = UnsafeMutableRawBufferPointer(
                rebasing: engine.backendInbox[BodyRelay.before..<(BodyRelay.before + bytes.count - head.length)])
            behind.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[head.length...]))
            if head.isInterim {
                try passInterim(head, bytes, for: turn)
                if !behind.isEmpty { try readHeads(behind, for: turn) }
            } else {
                try begin(head, bytes, content: behind, for: turn)
            }
        }
    }

    private func passInterim(
        _ head: ResponseHead, _ bytes: UnsafeRawBufferPointer, for turn: Turn
    ) throws(MessageError) {
        interimCount += 1
        guard interimCount <= engine.limits.interim else { throw .malformedInterim }
        // One of HTTP/1.0 knows none, and 100 is for who has asked for it.
        guard turn.head.version == .http11, head.status != 100 || turn.head.expectsContinue, let client = turn.client,
            let plan = turn.plan
        else { return }
        let side = ResponseRewriting.Client(version: .http11, isPersistent: true)
        guard let count = plan.forward.response.write(head, in: bytes, to: side, into: engine.outbox) else {
            throw .headTooLarge
        }
        if head.status == 100 { turn.awaitsContinue = false }
        client.send(UnsafeRawBufferPointer(rebasing: engine.outbox[..<count]))
    }

    /// The response itself: its head, and what of its content has come with it, in one piece.
    private func begin(
        _ head: ResponseHead, _ bytes: UnsafeRawBufferPointer, content behind: UnsafeMutableRawBufferPointer,
        for turn: Turn
    ) throws(MessageError) {
        guard let plan = turn.plan else { return }
        let framing = try head.framing(answering: turn.head.method, wantsUpgrade: turn.passesUpgrade)
        if head.status == 101 {
            return try turn.upgrade(head, bytes, behind: UnsafeRawBufferPointer(behind))
        }
        expireNever()
        relay = BodyRelay(framing, to: turn.head.version)
        isPersistent = head.isPersistent(framing: framing)
        content = Content(framing)
        let isFramed = framing == .chunked || framing == .untilClose ? turn.head.version == .http11 : true
        let side = turn.side(keeping: isFramed)
        guard var count = plan.forward.response.write(head, in: bytes, to: side, into: engine.outbox) else {
            throw .headTooLarge
        }
        if relay == .intoChunks {
            let field: StaticString = "Transfer-Encoding: chunked\r\n\r\n"
            guard count + field.utf8CodeUnitCount <= engine.outbox.count else { throw .headTooLarge }
            count -= 2
            UnsafeMutableRawBufferPointer(rebasing: engine.outbox[count...]).copyMemory(
                from: UnsafeRawBufferPointer(start: field.utf8Start, count: field.utf8CodeUnitCount))
            count += field.utf8CodeUnitCount
        }
        turn.stage = .relaying
        try pass(behind, behind: count, for: turn)
    }

    /// Passes content, behind so many bytes of a head in the outbox.
    private func pass(
        _ bytes: UnsafeMutableRawBufferPointer, behind head: Int, for turn: Turn
    ) throws(MessageError) {
        guard let client = turn.client else { return }
        var passed = UnsafeRawBufferPointer(start: nil, count: 0)
        var taken = 0
        do throws(MessageError) {
            switch relay {
            case .asItIs:
                taken = try content?.pass(UnsafeRawBufferPointer(bytes)) ?? 0
                passed = UnsafeRawBufferPointer(rebasing: bytes[..<taken])
            case .intoChunks:
                taken = bytes.count
                passed = BodyRelay.chunk(bytes)
            case .outOfChunks:
                var kept = 0
                while taken < bytes.count, content?.isEnd == false {
                    let rest = UnsafeRawBufferPointer(rebasing: bytes[taken...])
                    guard let piece = try content?.next(rest) else { break }
                    let part = UnsafeRawBufferPointer(rebasing: rest[piece.content])
                    UnsafeMutableRawBufferPointer(rebasing: bytes[kept...]).copyMemory(from: part)
                    kept += part.count
                    taken += piece.count
                }
                passed = UnsafeRawBufferPointer(rebasing: bytes[..<kept])
            }
        } catch {
            if head > 0 { client.send(UnsafeRawBufferPointer(rebasing: engine.outbox[..<head])) }
            throw error
        }
        if head > 0, passed.count <= engine.outbox.count - head {
            UnsafeMutableRawBufferPointer(rebasing: engine.outbox[head...]).copyMemory(from: passed)
            client.send(UnsafeRawBufferPointer(rebasing: engine.outbox[..<(head + passed.count)]))
        } else {
            if head > 0 { client.send(UnsafeRawBufferPointer(rebasing: engine.outbox[..<head])) }
            client.send(passed)
        }
        if content?.isEnd == true {
            // What comes behind belongs to nobody.
            if taken < bytes.count { isPersistent = false }
            turn.responseHasEnded()
        }
    }

    /// The backend has closed, or broken off.
    func hasEnded(isBroken: Bool, for turn: Turn) {
        let hasReceived = hasReceived
        self.turn = nil
        turn.backend = nil
        if turn.stage == .done {
            close()
            return turn.backendHasLeft()
        }
        guard let content else {
            close()
            return turn.backendHasClosed(self, wasSilent: !hasReceived)
        }
        close()
        guard !isBroken, (try? content.finish()) != nil, let client = turn.client else { return turn.truncate() }
        if relay == .intoChunks { client.send("0\r\n\r\n") }
        turn.responseHasEnded()
    }

    private func isMalformed(_ error: MessageError, for turn: Turn) {
        self.turn = nil
        turn.backend = nil
        close()
        turn.backendHasFailed(.malformed(error))
    }
}
