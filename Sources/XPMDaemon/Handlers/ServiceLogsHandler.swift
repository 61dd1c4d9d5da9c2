import Glibc
import NIOCore
import XPMControl
import XPMLogs
import XPMProtocol

extension Supervisor {
    /// The longest that a request for what follows waits, in seconds.
    private static let longestWait = 60.0

    func serviceLogs(_ request: ServiceLogs, _ responder: Responder) throws(WireError) {
        try request.checkLimits()
        let entry = try registry.resolve(request.service)
        let wait = try Duration.seconds(min(request.waitSeconds ?? 0, Self.longestWait), of: "the wait")
        if let lines = request.lines, lines < 0 {
            throw WireError(.invalidParameters, "cannot show \(lines) lines of a log")
        }
        if let offset = request.offset, offset < 0 {
            throw WireError(.invalidParameters, "cannot read a log from offset \(offset): it is negative")
        }
        try refuseUnreadLogs(of: entry)
        guard let stream = request.stream else { return try answerPage(request, entry, after: wait, responder) }
        guard let path = entry.log(stream) else { throw entry.ownOutput }
        let reading = PieceReading(request, stream, path: path, attempt: entry.logStart(stream))
        if path == LogPaths.discarded {
            // Never read nor watched: others write to it all the time.
            let nothing = ServiceLogs.Piece(text: "", next: 0, path: path, times: request.timestamps == true ? [] : nil)
            loop.assumeIsolated().scheduleTask(in: TimeAmount(request.offset == nil ? .zero : wait)) {
                responder.reply(ServiceLogs.Reply.piece(nothing))
            }
            return
        }
        try answer(reading, path: path, of: entry, after: request.offset == nil ? .zero : wait, responder)
    }

    private func answerPage(
        _ request: ServiceLogs, _ entry: ServiceEntry, after wait: Duration, _ responder: Responder
    ) throws(WireError) {
        let logs = LogPaths(
            stdout: entry.log(.stdout) ?? LogPaths.discarded, stderr: entry.log(.stderr) ?? LogPaths.discarded)
        guard let path = logs.files.first else { throw entry.ownOutput }
        let starts = [LogStream.stdout: entry.logStart(.stdout), .stderr: entry.logStart(.stderr)]
        let reading = try PageReading(request, request.streams ?? [], in: logs, starts: starts)
        try answer(reading, path: path, of: entry, after: request.cursor == nil ? .zero : wait, responder)
    }

    /// Refuses where no output is kept in files.
    func refuseUnreadLogs(of entry: ServiceEntry) throws(WireError) {
        let name = entry.identity.fullName
        if entry.plan.log.target == .journal { throw JournalQuery(name, user: geteuid()).refusal }
        if entry.logs.isDiscarded, !entry.isHosted {
            throw WireError(
                .unsupported, "cannot read the log of \(name): its output is discarded (\(LogPaths.discarded))",
                data: ["path": .string(LogPaths.discarded)])
        }
    }

    /// Answers with a page, or with the first that has something within the time.
    private func answer(
        _ reading: some LogReading, path: String, of entry: ServiceEntry, after wait: Duration, _ responder: Responder
    ) throws(WireError) {
        let name = entry.identity.fullName
        let answer: LogFollowing.Answer = { result in
            switch result {
            case .success(let reply): responder.reply(encoded: reply)
            case .failure(let error as Workers.Fault):
                responder.fail(WireError(unanswered: error, of: .path(path), "read the log of \(name)"))
            case .failure(let error as LogReadError) where [.invalidCursor, .otherStreams].contains(error):
                responder.fail(WireError(.invalidCursor, "\(error)"))
            case .failure(let error as LogReadError):
                let fault = LogFault(error, path: path)
                responder.fail(WireError(.storageFailed, "\(fault)", data: ["path": .string(path)]))
            case .failure(let error): responder.fail(WireError(.internalError, "\(error)"))
            }
        }
        guard wait == .zero else {
            // One can follow a log before the service's first start; what cannot be made yet is waited for.
            _ = try LogFollowing(
                reading, path: path, making: entry.isHosted ? nil : entry.logs, atMost: wait, files: files, loop: loop,
                waits: waits, responder: responder, answer: answer)
            return
        }
        settleLogs(of: entry) { [loop] in
            responder.withRoom(for: LogPatience.room) {
                Workers.logs.run(.path(path), on: loop, within: LogPatience.time) {
                    Trail.at(path)
                    return try EncodedFinding(reading.read(reading.start)).reply
                }
                .assumeIsolated()
                .whenComplete(answer)
            }
        }
    }

    /// What a service has written by now is in its files when `then` is called, unless their file system takes too long.
    func settleLogs(of entry: ServiceEntry, then: @escaping () -> Void) {
        guard entry.runtime.isPiped == true, let attempt = entry.runtime.attempt else { return then() }
        logSettling.settle(attempt, then: then)
    }
}

extension ServiceEntry {
    /// Why there is no log of it.
    var ownOutput: WireError {
        WireError(
            .unsupported,
            "cannot read the log of \(identity.fullName): it writes to the output of the process that it runs in")
    }

    /// Where in a log the last attempt's part begins: behind all of it where the attempt had no process.
    func logStart(_ stream: ServiceLogs.Stream) -> Int64 {
        guard runtime.pid != nil || runtime.exit != nil else { return .max }
        return stream == .stdout ? runtime.stdoutStart : runtime.stderrStart
    }
}
