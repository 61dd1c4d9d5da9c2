import XPMControl
import XPMKeeping
import XPMProtocol
import XPMSupervision

extension Supervisor {
    func signalService(_ request: SignalService, _ responder: Responder) throws(WireError) {
        let entry = try registry.resolve(request.service)
        let name = entry.identity.fullName
        guard let signal = SignalName.number(request.signal) else {
            throw WireError(
                .invalidParameters, "cannot send \(Name.quoted(request.signal)) to \(name): there is no such signal")
        }
        guard !entry.isHosted else {
            throw WireError(
                .unsupported, "cannot send \(SignalName.text(signal)) to \(name): it runs in \(entry.hostName)")
        }
        let all = request.all ?? false
        let parts = (entry.isComposite ? entry.subServices : [entry]).filter { $0.isReached(byAll: all) }
        guard !parts.isEmpty else {
            throw WireError(
                .notRunning, "cannot send \(SignalName.text(signal)) to \(name): it has no process",
                data: ["service": .of(entry.record)])
        }
        guard keeper.isConnected else {
            throw WireError(
                .keeperUnavailable, "cannot send \(SignalName.text(signal)) to \(name): xpm-keeper is not running")
        }
        for part in parts { note(signal, all: all, of: part) }
        // Its death must find on record who sent it.
        ledger.append([], policy: .kept) { [self] _ in
            for part in parts { deliver(signal, all: all, to: part) }
            responder.reply(encoded: entry.wire)
        }
    }

    private func note(_ signal: Int32, all: Bool, of entry: ServiceEntry) {
        if case .stopping = entry.machine.phase {} else { entry.runtime.ender = Ender(reason: .signal, signal: signal) }
        let target = all ? "its processes" : "its main process"
        tell(of: entry, cause: "\(SignalName.text(signal)) to \(target) requested")
    }

    private func deliver(_ signal: Int32, all: Bool, to entry: ServiceEntry) {
        guard let attempt = entry.machine.phase.liveAttempt else { return }
        let isSent = keeper.send(
            .deliver(attempt: attempt.rawValue, signal: signal, to: all ? .tree : .main, resumes: false))
        if !isSent { tell(of: entry, cause: "the keeper is too old to send a signal to its main process alone") }
    }
}

extension ServiceEntry {
    /// Whether a signal finds a process of it.
    fileprivate func isReached(byAll all: Bool) -> Bool {
        !isHosted && machine.phase.liveAttempt != nil && (all || runtime.pid != nil)
    }
}
