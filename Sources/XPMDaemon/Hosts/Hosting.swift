import Logging
import NIOCore
import XPMControl
import XPMProtocol
import XPMSupervision

/// Who hosts which service: clients come by adding services, and go with their connections.
extension Supervisor {
    /// How long hosts of the daemon before have to come back.
    static let comeback = Duration.seconds(10)

    /// A client has added services, perhaps anew: from now on it is the host of those that are hosted.
    ///
    /// What lives of them is asked for again by `takeUp`, once the client has been told.
    func host(_ entries: [ServiceEntry], by connection: any ReplyChannel) -> Hosted {
        let entries = entries.filter { $0.isHosted && $0.host?.connection !== connection }
        guard !entries.isEmpty else { return Hosted() }
        let host = host(of: connection)
        let changed = entries.filter { $0.runtime.host != host.process }
        for entry in entries {
            if entry.runtime.host != host.process, let attempt = entry.machine.phase.liveAttempt {
                // Nobody speaks for it any more, whether or not the other process still has it.
                entry.host?.connection.ask(.stop, request(attempt, entry, force: true), within: Self.answerTime) { _ in
                }
                lose(entry, because: "\(host.name) hosts it now instead of \(entry.hostName)")
            }
            entry.host = host
            entry.runtime.host = host.process
        }
        return Hosted(changed: changed) { [self] in
            for entry in entries where entry.host === host { takeUp(entry) }
        }
    }

    /// What comes of services that have got a host.
    struct Hosted {
        /// Those that another process hosted before, or none.
        var changed: [ServiceEntry] = []
        /// Goes on with what lives of them.
        var takeUp: () -> Void = {}
    }

    private func host(of connection: any ReplyChannel) -> Host {
        if let known = clients[ObjectIdentifier(connection)] { return known }
        let host = Host(connection)
        clients[ObjectIdentifier(connection)] = host
        connection.keep()
        connection.whenClosed { [weak self] in self?.left(host) }
        return host
    }

    /// The end of a connection is that of all that lives in its process.
    private func left(_ host: Host) {
        guard clients.removeValue(forKey: ObjectIdentifier(host.connection)) != nil else { return }
        for entry in registry.services where entry.host === host {
            lose(entry, because: "\(host.name), in which it ran, disconnected")
        }
    }

    /// Ends no service when its host leaves: the next daemon is to judge that.
    func forgetHosts() { clients = [:] }

    // MARK: After a restart of the daemon

    /// Waits for the hosts that the daemon before had, where their processes live; once, when the daemon begins.
    func awaitHosts(_ keeper: KeeperIdentity) {
        for entry in registry.services where entry.isHosted && entry.exclusion == nil {
            if let before = entry.runtime.keeper, before.bootID != keeper.bootID {
                entry.runtime.host = nil
                if entry.machine.phase.liveAttempt != nil { rebooted(entry) }
            } else if let process = entry.runtime.host, process.isAlive {
                entry.awaitsHost = true
            } else if entry.runtime.host != nil || entry.machine.phase.liveAttempt != nil {
                lose(entry, because: "\(entry.hostName), in which it ran, exited while xpmd was not running")
            }
        }
        _ = loop.assumeIsolated().scheduleTask(in: TimeAmount(hostComeback)) { [weak self] in self?.giveUpHosts() }
    }

    private func giveUpHosts() {
        for entry in registry.services where entry.awaitsHost && entry.host == nil {
            lose(entry, because: "\(entry.hostName), in which it ran, did not reconnect within \(hostComeback.text)")
        }
    }

    /// Goes on with what lives of a service on the connection that its process has made now.
    private func takeUp(_ entry: ServiceEntry) {
        let isResumed = entry.awaitsHost
        guard let attempt = entry.machine.phase.liveAttempt, let asked = entry.hostRequest else {
            entry.awaitsHost = false
            return entry.wake()
        }
        if isResumed {
            for effect in entry.machine.resumed() where !effect.isForHost { perform(effect, for: entry, fault: nil) }
        }
        switch asked.method {
        case .stop:
            entry.awaitsHost = false
            askToStop(attempt, entry, force: asked.force)
        case .start: askToGoOn(attempt, entry)
        }
    }
}

extension Effect {
    /// Whether it is a request to the host.
    fileprivate var isForHost: Bool {
        switch self {
        case .spawn, .terminate, .kill: true
        default: false
        }
    }
}
