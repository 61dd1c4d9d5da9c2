import Glibc

extension ClientConnection {
    /// Everything was sent. Where the client may still be sending, closing would reset the connection, and the answer could be lost: its
    /// side is ended, and what comes is dropped for a while.
    func finish() -> Bool {
        guard !isTruncated, !isPeerClosed, mayRead || !input.isEmpty || partial != nil else {
            close()
            return false
        }
        input = ByteQueue()
        partial = nil
        isLingering = true
        leaveLineup()
        endOutput()
        expire(after: engine.limits.lingering)
        return true
    }

    func dropInput() -> Bool {
        guard mayRead else { return false }
        switch receive(into: engine.clientInbox) {
        case .bytes: return true
        case .nothing: return false
        case .end, .broken:
            close()
            return false
        }
    }

    /// Sets the deadline that belongs to what is waited for now.
    func setDeadline() {
        let limits = engine.limits
        if isLingering || partial != nil || turn?.isDropping == true { return }
        if !output.isEmpty { return expire(after: limits.stall) }
        if let turn {
            if turn.wantsContent { return expire(after: limits.content) }
            guard isPeerClosed else { return expireNever() }
            // A stream is for who listens; other responses may still be waited for.
            if turn.isStreaming { return abort() }
            return expire(after: limits.halfClosed)
        }
        join(engine.resting)
        expire(after: limits.idle)
    }

    /// What was waited for has not come.
    func deadlineHasPassed() {
        if let tunnel { return tunnel.end() }
        if partial != nil {
            refuse(408, "no whole request within the time")
            process()
        } else if let turn, turn.wantsContent, !turn.isDropping, turn.isUnanswered {
            turn.answerAndClose(Answer(408))
            process()
        } else if turn?.stage == .relaying, output.isEmpty, loop.now - sentAt < engine.limits.halfClosed.count {
            // It has ended its side, and gets its response all the same.
            expire(after: engine.limits.halfClosed)
        } else {
            abort()
        }
    }
}
