import NIOCore
import NIOPosix
import XPMControl
import XPMProtocol

extension Supervisor {
    /// The longest that a request for what follows waits, in seconds.
    private static let longestWait = 60.0

    func serviceLogs(_ request: ServiceLogs, _ responder: Responder) throws(WireError) {
        let entry = try registry.resolve(request.service)
        let path = request.stream == .stdout ? entry.logs.stdout : entry.logs.stderr
        let wait = try Duration.seconds(min(request.waitSeconds ?? 0, Self.longestWait), of: "the wait")
        if let lines = request.lines, lines < 0 {
            throw WireError(.invalidParameters, "cannot show \(lines) lines of a log")
        }
        guard let offset = request.offset else {
            let lines = request.lines ?? 100
            return piece(of: path, responder) { () throws(LogFault) in try LogFile.tail(path, lines: lines) }
        }
        guard offset >= 0 else {
            throw WireError(.invalidParameters, "cannot read a log from offset \(offset): it is negative")
        }
        func read() {
            piece(of: path, responder) { () throws(LogFault) in
                let bytes = try LogFile.read(path, from: offset)
                return (bytes, offset + Int64(bytes.count))
            }
        }
        guard wait > .zero, (try? LogFile.read(path, from: offset, limit: 1))?.isEmpty ?? false else { return read() }
        try awaitGrowth(of: path, atMost: wait, then: read)
    }

    private func awaitGrowth(of path: String, atMost wait: Duration, then: @escaping () -> Void) throws(WireError) {
        var token: FileWatch.Token?
        var timeout: Scheduled<Void>?
        func finish() {
            guard let watching = token else { return }
            token = nil
            watching.cancel()
            timeout?.cancel()
            then()
        }
        do {
            token = try files.watch(path, onChange: finish)
        } catch {
            throw WireError(.internalError, "cannot follow the log \(path): \(error)")
        }
        timeout = loop.assumeIsolated().scheduleTask(in: TimeAmount(wait), finish)
    }

    /// Reads on a worker thread, for a disk may be slow, and answers.
    private func piece(
        of path: String, _ responder: Responder,
        _ read: @escaping @Sendable () throws(LogFault) -> (bytes: [UInt8], next: Int64)
    ) {
        NIOSingletons.posixBlockingThreadPool.runIfActive(eventLoop: loop) { try read() }
            .assumeIsolated()
            .whenComplete { result in
                switch result {
                case .success(let piece):
                    // A piece may end within a character; what is cut comes with the next one.
                    let whole = piece.bytes.withoutTornCharacter
                    responder.reply(
                        ServiceLogs.Reply(
                            text: String(decoding: whole, as: UTF8.self),
                            next: piece.next - Int64(piece.bytes.count - whole.count), path: path))
                case .failure(let error):
                    responder.fail(WireError(.internalError, "cannot read the log: \(error)"))
                }
            }
    }
}

extension [UInt8] {
    /// The bytes without the beginning of a UTF-8 character at their end. All of them where nothing else would be left.
    var withoutTornCharacter: ArraySlice<UInt8> {
        for back in 1...3 where count > back {
            let byte = self[count - back]
            if byte & 0b1100_0000 == 0b1000_0000 { continue }
            let length = byte >= 0b1111_0000 ? 4 : byte >= 0b1110_0000 ? 3 : byte >= 0b1100_0000 ? 2 : 1
            return length > back ? self[..<(count - back)] : self[...]
        }
        return self[...]
    }
}
