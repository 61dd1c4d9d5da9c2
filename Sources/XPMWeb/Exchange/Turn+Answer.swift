import XPMHTTP

extension Turn {
    /// What the client is told of the connection: it goes on only if the rest of the content may be read.
    func side(keeping: Bool) -> ResponseRewriting.Client {
        keeps = keeps && keeping && !(awaitsContinue && !content.isEnd)
        if keeps, !content.isEnd, let length = head.section.contentLength, let limits = engine?.limits {
            keeps = length - min(taken, length) <= limits.dropped
        }
        return ResponseRewriting.Client(version: head.version, isPersistent: keeps)
    }

    func answer(_ answer: Answer) {
        guard let client, let engine, stage == .none else { return }
        let hasContent = !(answer.head.status == 204 || answer.head.status == 304)
        let framing = hasContent ? AnswerHead.Content.length(answer.body.count) : .none
        let side = self.side(keeping: true)
        guard let count = answer.head.write(framing, to: side, into: engine.outbox) else {
            // A value that would have ended its line.
            return self.answer(Answer(500))
        }
        let body = hasContent && head.method != .head ? answer.body : []
        if engine.outbox.count - count >= body.count {
            body.withUnsafeBytes {
                UnsafeMutableRawBufferPointer(rebasing: engine.outbox[count...]).copyMemory(from: $0)
            }
            client.send(UnsafeRawBufferPointer(rebasing: engine.outbox[..<(count + body.count)]))
        } else {
            client.send(UnsafeRawBufferPointer(rebasing: engine.outbox[..<count]))
            client.send(body)
        }
        responseHasEnded()
    }

    func stream(_ answer: AnswerHead) -> any ResponseStream {
        let stream = Stream(of: self, isChunked: head.version == .http11)
        guard let client, let engine, stage == .none else { return stream }
        let side = self.side(keeping: head.version == .http11)
        guard let count = answer.write(.stream, to: side, into: engine.outbox) else {
            self.answer(Answer(500))
            return stream
        }
        stage = .streaming
        self.stream = stream
        client.send(UnsafeRawBufferPointer(rebasing: engine.outbox[..<count]))
        (exchange, aborted) = (nil, nil)
        drop()
        return stream
    }
}

/// A response of our own in pieces.
final class Stream: ResponseStream {
    /// How much may wait for the client.
    private static let room = 64 << 10

    private var turn: Turn?
    private let isChunked: Bool
    private let isSilent: Bool
    private var hadRoom = true
    private var room: (() -> Void)?
    private var closed: (() -> Void)?

    init(of turn: Turn, isChunked: Bool) {
        (self.turn, self.isChunked, isSilent) = (turn, isChunked, turn.head.method == .head)
    }

    var hasRoom: Bool { (turn?.client?.output.count ?? 0) < Self.room }

    func write(_ bytes: [UInt8]) {
        guard let client = turn?.client, !isSilent, !bytes.isEmpty else { return }
        if isChunked {
            client.send(Array((String(bytes.count, radix: 16) + "\r\n").utf8) + bytes + [13, 10])
        } else {
            client.send(bytes)
        }
        hadRoom = hasRoom
        // A client that has gone is told of by the loop, never from within.
    }

    func finish() {
        guard let turn else { return }
        self.turn = nil
        // They may hold the stream.
        (room, closed) = (nil, nil)
        guard let client = turn.client else { return }
        if isChunked, !isSilent { client.send("0\r\n\r\n") }
        turn.stream = nil
        turn.responseHasEnded()
    }

    func watch(room: @escaping () -> Void, closed: @escaping () -> Void) { (self.room, self.closed) = (room, closed) }

    func clientHasRoom() {
        guard !hadRoom, hasRoom else { return }
        hadRoom = true
        room?()
    }

    func clientHasClosed() {
        turn = nil
        let closed = closed
        (room, self.closed) = (nil, nil)
        closed?()
    }
}
