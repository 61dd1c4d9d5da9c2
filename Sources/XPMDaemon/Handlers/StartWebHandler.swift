import NIOCore
import XPMControl
import XPMProtocol
import XPMSupervision

extension Supervisor {
    /// The settings may just have been edited, and are read before anything is decided.
    func startWeb(_ request: StartWeb, _ responder: Responder) throws(WireError) {
        let patience = try Duration.seconds(request.waitSeconds ?? 0, of: "the time to wait")
        try refuseWhileStopping()
        responder.holdOthers(for: Self.orderTime)
        userFiles.renewSettings { [self] in
            defer { responder.letOthersGo() }
            do throws(WireError) {
                try refuseWhileStopping()
                start(addWebEntry(), within: patience, responder)
            } catch {
                responder.fail(error)
            }
        }
    }

    private func start(_ entry: ServiceEntry, within patience: Duration, _ responder: Responder) {
        let before = entry.runtime.web
        var wish = before ?? WebWish()
        (wish.isAsked, wish.stoppedOn) = (true, nil)
        note(wish, of: entry)
        start(entry, parts: [entry], by: { .start($0) }) { [self] fault in
            guard let fault else { return answer(responder, of: entry, within: patience) }
            // Refused, it changes nothing.
            if !entry.isRemoved { note(before ?? WebWish(), of: entry) }
            responder.fail(fault)
        }
    }

    /// Answers once it is RUNNING, has failed or was stopped, or the time is over.
    private func answer(_ responder: Responder, of entry: ServiceEntry, within patience: Duration) {
        func reply() { replyWeb(responder) }
        guard patience > .zero, !entry.hasSettled else { return reply() }
        var isOver = false
        var alarm: Alarms.Alarm?
        do throws(WireError) {
            let wait = try waits.begin(responder) {
                isOver = true
                alarm?.cancel()
            }
            func end() {
                isOver = true
                alarm?.cancel()
                wait.end()
                reply()
            }
            alarm = alarms.set(for: .now() + TimeAmount(patience)) { if !isOver { end() } }
            entry.endings.append { [weak entry] in
                if !isOver, entry?.hasSettled ?? true { end() }
                return isOver
            }
        } catch {
            responder.fail(error)
        }
    }
}

extension ServiceEntry {
    /// Whether it has come where it stays for the time being.
    fileprivate var hasSettled: Bool {
        guard !isRemoved else { return true }
        return switch state {
        case .running, .error, .stopped: true
        case .starting, .stopping: false
        }
    }
}
