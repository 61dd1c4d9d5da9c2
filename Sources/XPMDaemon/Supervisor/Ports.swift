import Glibc
import NIOCore
import XPMKeeping
import XPMProtocol
import XPMStore
import XPMSupervision

/// Sees to a service's ports before its process is made: it gets its own, and those that it is to listen on are free.
extension Supervisor {
    /// Goes on with the spawn once the ports are ready, or refuses it.
    func preparePorts(_ attempt: AttemptID, for entry: ServiceEntry) {
        guard entry.preparingPorts != attempt else { return }
        entry.preparingPorts = attempt
        entry.portNotes = []
        let before = entry.runtime.allotment
        allotToken(to: entry)
        guard entry.plan.port == .any, let kept = before?.port, LocalPort.isTaken(kept) else {
            allotPort(to: entry)
            return checkPorts(attempt, for: entry, allotted: before)
        }
        findHolder(of: kept, at: nil) { [weak self, weak entry] holder in
            guard let self, let entry, entry.preparingPorts == attempt else { return }
            allotPort(to: entry, instead: kept)
            if let port = entry.runtime.allotment?.port {
                entry.portNotes.append(
                    "port \(kept) is in use\(holder.map { " by \($0)" } ?? ""), using port \(port) instead")
            }
            checkPorts(attempt, for: entry, allotted: before)
        }
    }

    /// Refuses the start where another process listens already.
    private func checkPorts(_ attempt: AttemptID, for entry: ServiceEntry, allotted before: Allotment?) {
        if entry.runtime.allotment != before { refreshPlan(of: entry) }
        let lacksNamed = entry.plan.namedPorts.known?.values.contains(0) == true
        if entry.plan.port != .none && entry.runtime.allotment?.port == nil || lacksNamed {
            entry.preparingPorts = nil
            let range = "\(PortPlan.range.lowerBound) to \(PortPlan.range.upperBound)"
            return apply(.notSpawned(attempt, "cannot be started: no port from \(range) is free"), to: entry)
        }
        guard let taken = entry.plan.takenPort else { return goOn(attempt, entry, allotted: before) }
        findHolder(of: taken.port, at: taken.address) { [weak self, weak entry] holder in
            guard let self, let entry, entry.preparingPorts == attempt else { return }
            // What merely has it without listening there is nobody that could be taken for the service.
            guard let holder else { return goOn(attempt, entry, allotted: before) }
            entry.preparingPorts = nil
            apply(.notSpawned(attempt, "cannot be started: port \(taken.port) is in use by \(holder)"), to: entry)
        }
    }

    /// What was allotted is on record before a process has it.
    private func goOn(_ attempt: AttemptID, _ entry: ServiceEntry, allotted before: Allotment?) {
        let spawn = { [self] (fault: StoreError?) in
            guard entry.preparingPorts == attempt else { return }
            (entry.preparingPorts, entry.preparedPorts) = (nil, attempt)
            perform(.spawn(attempt), for: entry, fault: fault)
        }
        guard entry.runtime.allotment != before else { return spawn(nil) }
        entry.touch()
        ledger.append([entry.update], policy: .kept, done: spawn)
    }

    private func allotToken(to entry: ServiceEntry) {
        guard entry.plan.needsToken, entry.runtime.allotment?.token == nil else { return }
        let token = (0..<24).map { _ in UInt8.random(in: .min ... .max) }
            .map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        var allotment = entry.runtime.allotment ?? Allotment()
        allotment.token = token
        entry.runtime.allotment = allotment
    }

    private func allotPort(to entry: ServiceEntry, instead taken: Int? = nil) {
        var allotment = entry.runtime.allotment ?? Allotment()
        switch entry.plan.port {
        case .none: allotment.port = nil
        case .wish(let port): allotment.port = port
        case .any:
            if taken == nil, let kept = allotment.port, PortPlan.range.contains(kept) { break }
            allotment.port = freePort(for: entry.identity, but: [taken].compactMap(\.self))
        }
        allotment.ports = namedPorts(of: entry, but: allotment.port)
        entry.runtime.allotment = allotment == Allotment() ? nil : allotment
    }

    /// The ports of xpmd's choice that it has beside its own: those that it had, where they are free.
    private func namedPorts(of entry: ServiceEntry, but own: Int?) -> [String: Int]? {
        var ports: [String: Int] = [:]
        for name in entry.plan.namedPorts.wishes.filter({ $0.value == 0 }).keys.sorted() {
            let kept = entry.runtime.allotment?.ports?[name]
            if let kept, PortPlan.range.contains(kept), !LocalPort.isTaken(kept) {
                ports[name] = kept
                continue
            }
            ports[name] = freePort(for: entry.identity, but: ports.values + [own, kept].compactMap(\.self))
            if let kept, let port = ports[name] {
                entry.portNotes.append("port \(kept) (\(name)) is in use, using port \(port) instead")
            }
        }
        return ports.isEmpty ? nil : ports
    }

    /// The first free port that no other service has, from the service's own place in the range on.
    private func freePort(for identity: ServiceIdentity, but taken: [Int]) -> Int? {
        let others = Set(
            registry.services.filter { $0.identity != identity }
                .flatMap { other in
                    [other.runtime.allotment?.port, other.definition.port].compactMap(\.self)
                        + (other.plan.namedPorts.known ?? [:]).values
                })
        let (range, first) = (PortPlan.range, PortPlan.first(for: identity))
        return (0..<range.count).lazy
            .map { range.lowerBound + (first - range.lowerBound + $0) % range.count }
            .first { !taken.contains($0) && !others.contains($0) && !LocalPort.isTaken($0) }
    }

    /// Words for who listens on a port; nil where nobody does that can be told.
    private func findHolder(of port: Int, at address: String?, then: @escaping (String?) -> Void) {
        let addresses = address.map { [$0] } ?? ["0.0.0.0"] + LocalHost.addresses
        Workers.system.run(.processes, on: loop, within: lookTime) { () -> (SocketHolder?, UInt32?) in
            let listeners = addresses.flatMap { TCPListener.at($0, port: port) }
            let holder = SocketHolder.all(of: Set(listeners.map(\.inode))).first
            return (holder, listeners.first?.user)
        }
        .assumeIsolated()
        .whenComplete { [weak self] result in
            guard let self, case .success((let holder, let user)) = result else { return then(nil) }
            then(holder.map(words) ?? user.map { "a process of user \(UserName.of($0))" })
        }
    }
}

extension ServicePlan {
    /// A port that a process of the service is to listen on, as far as that is known before it runs, and that another has;
    /// with the address where, nil for any of the machine's.
    fileprivate var takenPort: (address: String?, port: Int)? {
        // In a network of its own it is alone.
        if isPrivate { return nil }
        if case .wish(let port) = port, LocalPort.isTaken(port) { return (nil, port) }
        if let port = namedPorts.wishes.values.sorted().first(where: { $0 > 0 && LocalPort.isTaken($0) }) {
            return (nil, port)
        }
        guard let readiness, !readiness.anyListener else { return nil }
        for case (let host, let port)? in readiness.probes.map(\.place) where LocalHost.isLocal(host) {
            let found = LocalHost.addresses(of: host).map { ($0, LocalPort.condition(of: port, at: $0)) }
            // A server of one of the two families is enough: only if none is free is there no place left.
            guard !found.contains(where: { $0.1 == .free }) else { continue }
            if let taken = found.first(where: { $0.1 == .taken }) { return (taken.0, port) }
        }
        return nil
    }
}

extension ProbePlan {
    /// The host and port that it connects to, where it names them itself.
    fileprivate var place: (host: String, port: Int)? {
        switch self {
        case .tcp(let host, let port): (host ?? "localhost", port)
        case .page(let url?, _, _): ProbeTarget(url).map { ($0.host, $0.port) }
        case .page, .unix, .command: nil
        }
    }
}
