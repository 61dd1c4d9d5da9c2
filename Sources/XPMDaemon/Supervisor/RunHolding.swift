import Logging
import NIOCore
import XPMControl
import XPMProtocol
import XPMStore

/// Who holds a run open.
struct RunHolders {
    /// By their connections; nil where the kernel does not tell the process.
    fileprivate(set) var connections: [ObjectIdentifier: ProcessIdentity?] = [:]
    /// Processes that held it while another daemon served, and live: until they end, or open it again.
    fileprivate(set) var earlier: [ProcessIdentity: ProcessEndWatch] = [:]
    /// What a daemon before has put on record; nil once that was looked at.
    fileprivate var recorded: RunDetails?

    var isEmpty: Bool { connections.isEmpty && earlier.isEmpty }

    /// Nobody any more.
    mutating func letGo() {
        for watch in earlier.values { watch.cancel() }
        self = RunHolders()
    }

    /// For the record.
    fileprivate var processes: [ProcessIdentity] {
        Set(connections.values.compactMap(\.self) + earlier.keys).sorted { $0.pid < $1.pid }
    }
}

/// What is saved of a run beside its row.
struct RunDetails: Codable, Hashable {
    /// Whether it ends with those who hold it.
    var isHeld: Bool?
    /// Those of them that can be told from others.
    var holders: [ProcessIdentity]?
    /// Its place among the runs of its experiment, where the time of its opening does not tell it.
    var order: Int64?
    /// Whether it is open and its lock was seen taken.
    var wasSeenOpen: Bool?
    /// Whether it was only found, in a workspace that is watched no longer.
    var wasOnlyFound: Bool?
    /// Whether it is a run of xpmd's own.
    var isReserved: Bool?
}

extension ExperimentEntry {
    /// What is saved of it beside its row's columns.
    var details: String {
        get {
            var details = RunDetails()
            if record.status == .open {
                details = holders.recorded ?? details
                if !holders.isEmpty { details = RunDetails(isHeld: true, holders: holders.processes) }
                details.wasSeenOpen = wasSeenOpen ? true : nil
            }
            details.order = order == record.openedAt.milliseconds ? nil : order
            details.wasOnlyFound = wasOnlyFound ? true : nil
            details.isReserved = isReserved ? true : nil
            return (try? Wire.encode(details)).map { String(decoding: $0, as: UTF8.self) } ?? "{}"
        }
        set {
            let details = try? Wire.decode(RunDetails.self, from: newValue.utf8)
            holders.recorded = details?.isHeld == true ? details : nil
            order = (details?.order).map { min(max($0, -Runtime.largestCount), Runtime.largestCount) } ?? order
            wasSeenOpen = details?.wasSeenOpen ?? false
            wasOnlyFound = details?.wasOnlyFound ?? false
            isReserved = details?.isReserved ?? false
        }
    }
}

/// Runs that end with those who hold them open.
extension Supervisor {
    /// The run ends with this connection, unless another one holds it. False where it is held by that already.
    func hold(_ experiment: ExperimentEntry, by connection: any ReplyChannel) -> Bool {
        let id = ObjectIdentifier(connection)
        guard experiment.holders.connections[id] == nil else { return false }
        let process = connection.peerPID.flatMap(ProcessIdentity.init)
        experiment.holders.connections[id] = .some(process)
        if let process { experiment.holders.earlier.removeValue(forKey: process)?.cancel() }
        connection.keep()
        connection.whenClosed { [weak self, weak experiment] in
            guard let self, let experiment else { return }
            let name = process.map { "process \($0.pid)" } ?? "an unknown process"
            released(experiment, because: "\(name), which held the run open, disconnected") {
                $0.connections.removeValue(forKey: id) != nil
            }
        }
        return true
    }

    /// Takes back what could not be saved.
    func unhold(_ experiment: ExperimentEntry, by connection: any ReplyChannel) {
        experiment.holders.connections[ObjectIdentifier(connection)] = nil
    }

    /// One of those who hold a run has gone; the run goes with the last one.
    private func released(
        _ experiment: ExperimentEntry, because cause: String, _ remove: (inout RunHolders) -> Bool
    ) {
        // A daemon that ends closes connections itself; the next one goes by the record.
        guard !isEnding, remove(&experiment.holders), experiment.record.status == .open else { return }
        guard experiment.holders.isEmpty else {
            return ledger.append([.putExperiment(experiment.row)], policy: .kept)
        }
        logger.notice("\(experiment.record.identity.experiment)@\(experiment.record.identity.run) failed: \(cause)")
        end(experiment, as: .failed, because: cause, policy: .kept)
    }

    /// Looks who of those who held a run under another daemon lives, and watches them.
    func resumeHolding(of experiment: ExperimentEntry) {
        guard let recorded = experiment.holders.recorded else { return }
        experiment.holders.recorded = nil
        for process in recorded.holders ?? [] {
            do {
                let watch = try ProcessEndWatch(process, loop: loop) { [weak self, weak experiment] in
                    guard let self, let experiment else { return }
                    released(experiment, because: "process \(process.pid), which held the run open, exited") {
                        $0.earlier.removeValue(forKey: process) != nil
                    }
                }
                experiment.holders.earlier[process] = watch
            } catch {
                logger.error("cannot watch process \(process.pid), so its run stays open: \(error)")
                return
            }
        }
        guard experiment.holders.isEmpty else { return }
        let gone = recorded.holders?.first.map { "process \($0.pid)" } ?? "the process"
        end(
            experiment, as: .failed, because: "\(gone), which held the run open, exited while xpmd was not running",
            policy: .kept)
    }
}
