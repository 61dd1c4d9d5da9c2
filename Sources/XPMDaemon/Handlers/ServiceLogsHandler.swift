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
                "cannot read the log of \(entry.identity.fullName): its output is discarded (\(LogPaths.discarded))")
        }
        let query = LogQuery(request, path: path)
        let answer: LogFollowing.Answer = { result in
            switch result {
            case .success(let reply): responder.reply(reply)
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
        guard request.offset != nil, wait > .zero else { return query.answer(on: loop, then: answer) }
        // One can follow a log before the service's first start; only a file that is there can be watched.
        if !entry.isHosted, access(path, F_OK) != 0 { _ = try? entry.logs.prepare() }
        do {
            _ = try LogFollowing(query, atMost: wait, files: files, loop: loop, answer: answer)
        } catch {
            throw WireError(.internalError, "cannot follow the log \(query.path): \(error)")
        }
    }
}
