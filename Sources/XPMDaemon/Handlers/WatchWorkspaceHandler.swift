import XPMControl
import XPMProtocol
import XPMStore
import XPMWorkspaces

extension Supervisor {
    func watchWorkspace(_ request: WatchWorkspace, _ responder: Responder) throws(WireError) {
        try refuseWhileStopping()
        let path = try WorkspacePath.normalized(request.workspace)
        // One that is known may be missing just now.
        if let known = workspaces.first(where: { $0.path == path }) {
            retry(known)
            return reply(known, added: false, responder)
        }
        locate(path, responder) { [self] real in
            if let known = workspaces.first(where: { $0.path == real }) { return reply(known, added: false, responder) }
            let workspace = WatchedWorkspace(
                WorkspaceRow(key: nextKey(), path: real, since: Timestamp.now.milliseconds))
            workspaces.append(workspace)
            let event = LedgerEvent(about: workspace, kind: .workspaceWatched)
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

    /// Its user wants it to be read although starts have crashed over it.
    private func retry(_ workspace: WatchedWorkspace) {
        guard workspace.isExcluded else { return }
        recovery.forgive(.workspace(workspace.path))
        (workspace.isExcluded, workspace.state, workspace.error) = (false, .scanning, nil)
        begin(workspace)
    }

    /// The real path of a workspace.
    private func locate(_ path: String, _ responder: Responder, then: @escaping (String) -> Void) {
        locate(path, to: "watch") { [self] result in
            do throws(WireError) {
                let real = try result.get()
                try refuseWhileStopping()
                then(real)
            } catch {
                responder.fail(error)
            }
        }
    }

    /// The real path of a workspace with which something is to be done.
    func locate(_ path: String, to action: String, then: @escaping (Result<String, WireError>) -> Void) {
        look(
            at: .path(path), to: "\(action) \(Name.quoted(path))",
            { () throws(WireError) in
                Trail.at(path)
                return try WorkspaceWatcher.locate(path)
            }, then: then)
    }

    private func reply(_ workspace: WatchedWorkspace, added: Bool, _ responder: Responder) {
        responder.reply(WatchWorkspace.Reply(workspace: record(of: workspace), added: added))
    }
}
