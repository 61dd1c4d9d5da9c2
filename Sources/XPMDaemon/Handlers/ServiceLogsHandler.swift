import Glibc
import NIOCore
import XPMControl
import XPMProtocol

extension Supervisor {
    /// The longest that a request for what follows waits, in seconds.
    private static let longestWait = 60.0

    func serviceLogs(_ request: ServiceLogs, _ responder: Responder) throws(WireError) {
        let entry = try registry.resolve(request.service)
        let wait = try Duration.seconds(min(request.waitSeconds ?? 0, Self.longestWait), of: "the wait")
        if let lines = request.lines, lines < 0 {
            throw WireError(.invalidParameters, "cannot show \(lines) lines of a log")
        }
        if let offset = request.offset, offset < 0 {
            throw WireError(.invalidParameters, "cannot read a log from offset \(offset): it is negative")
        }
        if entry.plan.log.target == .journal { throw JournalQuery(entry.identity.fullName, user: geteuid()).refusal }
        guard let path = entry.log(request.stream) else {
            throw WireError(
                .unsupported,
                "cannot read the log of \(entry.identity.fullName): it writes to the output of the process that it runs in"
            )
        }
        if entry.logs.isDiscarded, !entry.isHosted {
            throw WireError(
                .unsupported,
                "cannot read the log of \(entry.identity.fullName): its output is discarded (\(LogPaths.discarded))",
                data: ["path": .string(LogPaths.discarded)])
        }
        let query = LogQuery(request, path: path, attempt: entry.logStart(request.stream))
        let answer: LogFollowing.Answer = { result in
            switch result {
            case .success(let reply): responder.reply(reply)
            case .failure(let error as Workers.Fault):
                responder.fail(
                    WireError(unanswered: error, of: .path(path), "read the log of \(entry.identity.fullName)"))
            case .failure(let error as LogFault):
                responder.fail(WireError(.storageFailed, "\(error)", data: ["path": .string(path)]))
            case .failure(let error): responder.fail(WireError(.internalError, "\(error)"))
            }
        }
        if path == LogPaths.discarded {
            // Never read nor watched: others write to it all the time.
            let nothing = ServiceLogs.Reply(text: "", next: 0, path: path, times: query.timestamps ? [] : nil)
            loop.assumeIsolated().scheduleTask(in: TimeAmount(request.offset == nil ? .zero : wait)) {
                responder.reply(nothing)
            }
            return
        }
        guard request.offset != nil, wait > .zero else {
            return responder.withRoom(for: LogQuery.room) { [loop] in query.answer(on: loop, then: answer) }
        }
        // One can follow a log before the service's first start; what cannot be made yet is waited for.
        _ = try LogFollowing(
            query, making: entry.isHosted ? nil : entry.logs, atMost: wait, files: files, loop: loop, waits: waits,
            responder: responder, answer: answer)
    }
}

extension ServiceEntry {
    /// Where in a log the last attempt's part begins: behind all of it where the attempt had no process.
    func logStart(_ stream: ServiceLogs.Stream) -> Int64 {
        guard runtime.pid != nil || runtime.exit != nil else { return .max }
        return stream == .stdout ? runtime.stdoutStart : runtime.stderrStart
    }
}
