import NIOCore

/// As `nc -N` and `socat` do, a client may end its own side once it has asked: what it has asked is answered before the connection
/// ends. A subscription lasts until the client has gone altogether.
extension ControlConnection {
    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .inputClosed? = event as? ChannelEvent {
            inputHasEnded = true
            // In turn with what others ask for: a thousand may end at once.
            inTurn { [self] in endIfAnswered() }
        }
        context.fireUserInboundEventTriggered(event)
    }

    func answered() {
        unanswered -= 1
        touch()
        // Within a slice the request may do more than answer, as a subscription does: its end looks.
        if !isInSlice { endIfAnswered() }
    }

    func endIfAnswered() {
        guard inputHasEnded, unanswered <= 0, !hasUndone, !subscribed, let channelContext else { return }
        sayFarewell()
        // Behind all that was written, however slowly it is read: to close is to drop what waits.
        let sent = channelContext.eventLoop.makePromise(of: Void.self)
        sent.futureResult.assumeIsolated().whenComplete { [self] _ in close() }
        channelContext.writeAndFlush(NIOAny(ByteBuffer()), promise: sent)
    }
}
