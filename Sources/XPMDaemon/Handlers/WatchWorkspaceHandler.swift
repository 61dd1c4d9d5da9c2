import NIOCore
import NIOPosix
import XPMControl
import XPMProtocol
import XPMStore
import XPMWorkspaces

extension Supervisor {
    func watchWorkspace(_ request: WatchWorkspace, _ responder: Responder) throws(WireError) {
        try refuseWhileStopping()
        let path = try WorkspacePath.normalized(request.workspace)
        // One that is known may be missing just now.
        if let known = workspaces.first(where: { $0.path == path }) { return reply(known, added: false, responder) }
        locate(path, responder) { [self] real in
            if let known = workspaces.first(where: { $0.path == real }) { return reply(known, added: false, responder) }
            let workspace = WatchedWorkspace(
                WorkspaceRow(key: nextKey(), path: real, since: Timestamp.now.milliseconds))
            workspaces.append(workspace)
            var event = EventRecord(sequence: 0, at: .now, kind: .workspaceWatched)
            event.workspace = real
            ledger.append([.putWorkspace(workspace.row)], events: [event], policy: .refusable) { [self] fault in
                if let fault {
                    workspaces.removeAll { $0 === workspace }
                    return responder.fail(fault.asWireError)
                }
                begin(workspace)
                reply(workspace, added: true, responder)
            }
        }
    }

    /// The real path of a workspace, found out on a worker thread: a file system may be slow to answer.
    private func locate(_ path: String, _ responder: Responder, then: @escaping (String) -> Void) {
        NIOSingletons.posixBlockingThreadPool.runIfActive(eventLoop: loop) {
            Result { () throws(WireError) in try WorkspaceWatcher.locate(path) }
        }
        .assumeIsolated()
        .whenComplete { [self] outcome in
            switch outcome {
            case .success(.success(let real)):
                do throws(WireError) {
                    try refuseWhileStopping()
                    then(real)
                } catch {
                    responder.fail(error)
                }
            case .success(.failure(let error)): responder.fail(error)
            case .failure(let error): responder.fail(WireError(.internalError, "cannot watch \(path): \(error)"))
            }
        }
    }

    private func reply(_ workspace: WatchedWorkspace, added: Bool, _ responder: Responder) {
        responder.reply(WatchWorkspace.Reply(workspace: record(of: workspace), added: added))
    }
}
