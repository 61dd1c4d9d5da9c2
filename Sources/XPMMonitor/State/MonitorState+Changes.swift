import XPMClient
import XPMProtocol

extension MonitorState {
    /// More changes at once than this make the lists anew.
    private static let manyChanges = 1000

    mutating func take(_ changes: [MirrorChange]) -> [Effect] {
        var effects: [Effect] = []
        let isMany = changes.count > Self.manyChanges
        for change in changes {
            switch change {
            case .serviceAdded(let service), .serviceChanged(let service):
                let old = model[service.identity]
                model.apply(change)
                if !isMany { replace(old, by: service) }
                count(old?.record, service.record)
                if let old { effects += tell(old.record, service.record) }
            case .serviceRemoved(let identity):
                let old = model[identity]
                // The lists look for it before it is gone.
                if !isMany { replace(old, by: nil) }
                model.apply(change)
                count(old?.record, nil)
                awaited[identity] = nil
            case .runAdded, .runChanged, .runRemoved, .connectionChanged: model.apply(change)
            }
            runs.note(change, model)
        }
        if isMany {
            everything.rebuild(model)
            openRun?.rebuild(model)
        }
        runs.refresh(model)
        if model.connection == .live { wasLive = true }
        if wasLive { selectFirst() }
        return effects
    }

    private mutating func replace(_ old: MirroredService?, by new: MirroredService?) {
        everything.replace(old, by: new)
        guard let run = openRun?.filter.run, run == (old ?? new)?.identity.run else { return }
        openRun?.replace(old, by: new)
    }

    /// Who has not moved yet stands on the first row.
    private mutating func selectFirst() {
        if runs.cursor.gap == nil { runs.selectFirst() }
        if everything.cursor.gap == nil { everything.selectFirst() }
        if openRun?.cursor.gap == nil { openRun?.selectFirst() }
    }

    private mutating func count(_ old: ServiceRecord?, _ new: ServiceRecord?) {
        func isCounted(_ record: ServiceRecord?) -> Bool { record?.state == .running && record?.identity.parent == nil }
        running += (isCounted(new) ? 1 : 0) - (isCounted(old) ? 1 : 0)
    }

    /// Tells of failures, and of what was asked for.
    private mutating func tell(_ old: ServiceRecord, _ new: ServiceRecord) -> [Effect] {
        guard old.state != new.state else { return [] }
        let identity = new.identity
        switch new.state {
        case .error:
            awaited[identity] = nil
            notice = Notice(
                text: "\(identity.fullName) failed: \(new.error ?? "no reason is known")", isFailure: true,
                service: identity)
            guard !readsLastLines, !new.isHosted || new.stderr != nil else { return [] }
            readsLastLines = true
            return [.readLastLines(identity)]
        case .running:
            guard awaited[identity] == .start || awaited[identity] == .restart else { return [] }
            awaited[identity] = nil
            notice = Notice(
                text: "\(identity.id) is running\(new.url.map { ": \($0)" } ?? "")", service: identity)
        case .stopped:
            guard let verb = awaited.removeValue(forKey: identity) else { return [] }
            let how = verb == .stop ? "stopped" : "ended: \(new.exit?.description ?? "it is stopped")"
            notice = Notice(text: "\(identity.id) \(how)", service: identity)
        case .starting, .stopping: break
        }
        return []
    }

    mutating func answered(_ request: Request, _ error: WireError?) -> [Effect] {
        guard let error else {
            if request.verb == .remove { notice = Notice(text: "\(request.service.id) is removed") }
            return []
        }
        awaited[request.service] = nil
        notice = Notice(text: error.message, isFailure: true, service: request.service)
        return []
    }
}
