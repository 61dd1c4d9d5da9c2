import XPMControl
import XPMProtocol

extension Supervisor {
    func clearServiceLogs(_ request: ClearServiceLogs, _ responder: Responder) throws(WireError) {
        let entry = try registry.resolve(request.service)
        let name = entry.identity.fullName
        try refuseUnreadLogs(of: entry)
        guard !entry.isHosted else { throw entry.ownOutput }
        guard entry.runtime.isPiped == true || !entry.isLive else {
            throw WireError(
                .unsupported,
                "cannot clear the logs of \(name): it writes into its files itself; `truncate` empties them")
        }
        let paths = Set(entry.logs.files).sorted()
        var (open, fault): (Int, WireError?) = (paths.count, nil)
        for path in paths {
            logClearing.clear(path) { problem in
                open -= 1
                if let problem {
                    fault = WireError(
                        .storageFailed, "cannot clear the log \(path): \(problem)", data: ["path": .string(path)])
                }
                guard open == 0 else { return }
                if let fault { responder.fail(fault) } else { responder.reply(ClearServiceLogs.Reply(paths: paths)) }
            }
        }
    }
}
