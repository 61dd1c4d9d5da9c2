import Glibc
import XPMControl
import XPMProtocol
import XPMTemplates

extension Daemon {
    func status(_ request: DaemonStatus, _ responder: Responder) {
        var counts = Dictionary(uniqueKeysWithValues: ServiceState.allCases.map { ($0.rawValue, 0) })
        for entry in supervisor.registry.services { counts[entry.state.rawValue, default: 0] += 1 }
        var reply = DaemonStatus.Reply(
            version: ProtocolVersion.product, pid: getpid(), keeperPid: supervisor.keeper.pid, startedAt: startedAt,
            instance: supervisor.instance, socket: socket, stateFolder: places.state, services: counts,
            lastEvent: supervisor.ledger.lastSequence, connections: server?.connectionCount ?? 0,
            storageFault: supervisor.ledger.fault.map { "\($0)" })
        if let cgroup = supervisor.keeper.cgroup, !cgroup.folder.isEmpty {
            (reply.cgroup, reply.controllers) = (cgroup.folder, cgroup.controllers)
        }
        // What it finds is told by the next one, unless the kernel has told of it already.
        supervisor.ledger.check()
        reply.storageNote = supervisor.ledger.note
        reply.strays = supervisor.straysToTell == 0 ? nil : supervisor.straysToTell
        reply.linger = Linger.isOn
        if supervisor.registry.services.contains(where: { $0.wanted && $0.plan.restart.afterReboot }) {
            reply.startsAtBoot = BootStart(environment: environment).isArranged
        }
        reply.settingsFault = supervisor.settings.fault?.message
        responder.reply(reply)
    }
}
