import Glibc
import NIOCore
import XPMControl
import XPMProtocol
import XPMTemplates

extension Daemon {
    /// How long the status waits for the user's files, to tell what is wrong with an edit just made: their file system may not answer.
    private static let fileTime = TimeAmount.milliseconds(40)

    func status(_ request: DaemonStatus, _ responder: Responder) {
        let files = supervisor.userFiles
        // Its later requests are answered later.
        responder.holdOthers(for: Supervisor.orderTime)
        func status() {
            // Whoever asks again and again while they are read does not wait each time.
            guard supervisor.registry.listed.contains(where: { $0.wanted && $0.plan.restart.afterReboot }) else {
                return self.status(responder, startsAtBoot: nil)
            }
            files.startsAtBoot(within: Self.fileTime) { [self] in self.status(responder, startsAtBoot: $0) }
        }
        if files.isReadingSettings { status() } else { files.renewSettings(within: Self.fileTime, then: status) }
    }

    private func status(_ responder: Responder, startsAtBoot: Bool?) {
        // By states and not by their names: there may be ten thousand services.
        var counts = Dictionary(uniqueKeysWithValues: ServiceState.allCases.map { ($0, 0) })
        for entry in supervisor.registry.listed { counts[entry.state, default: 0] += 1 }
        var reply = DaemonStatus.Reply(
            version: ProtocolVersion.product, pid: getpid(), keeperPid: supervisor.keeper.pid, startedAt: startedAt,
            instance: supervisor.instance, socket: socket, stateFolder: places.state,
            services: Dictionary(uniqueKeysWithValues: counts.map { ($0.rawValue, $1) }),
            lastEvent: supervisor.ledger.lastSequence, connections: server?.connectionCount ?? 0,
            storageFault: supervisor.ledger.fault.map { "\($0)" })
        if let cgroup = supervisor.keeper.cgroup, !cgroup.folder.isEmpty {
            (reply.cgroup, reply.controllers) = (cgroup.folder, cgroup.controllers)
        } else if let offered = supervisor.keeper.offered {
            reply.cgroup = offered
        }
        // What it finds is told by the next one, unless the kernel has told of it already.
        supervisor.ledger.check()
        let notes = [supervisor.ledger.note, supervisor.unreadable.note].compactMap(\.self)
        reply.storageNote = notes.isEmpty ? nil : notes.joined(separator: "; ")
        reply.strays = supervisor.straysToTell == 0 ? nil : supervisor.straysToTell
        reply.keeperFault = supervisor.keeper.fault
        reply.loggerFault = supervisor.keeper.loggerFault
        reply.watchFault = (supervisor.files.shortage ?? placeKeeping?.shortage)?.consequence
        reply.linger = Linger.isOn
        reply.startsAtBoot = startsAtBoot
        reply.settingsFault = supervisor.userFiles.settings.fault?.message
        reply.webFault = supervisor.webFault
        guard supervisor.webEntry?.wanted == true || supervisor.webEntry?.isLive == true else {
            return responder.reply(reply)
        }
        supervisor.withWebRecord { web in
            reply.web = web
            responder.reply(reply)
        }
    }
}
