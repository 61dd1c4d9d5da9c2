import Logging
import NIOCore
import XPMControl
import XPMProtocol

extension Daemon {
    func reexec(_ request: ReexecDaemon, _ responder: Responder) throws(WireError) {
        try checkReplaceable()
        let program = program
        Workers.system.run(.program, on: loop) { program.trial() }
            .assumeIsolated()
            .whenComplete { [self] result in
                do {
                    let version = try result.get().get()
                    // While it was tried, the end may have begun.
                    try checkReplaceable()
                    responder.reply(ReexecDaemon.Reply(version: version))
                    logger.info("reloading: xpmd \(version) replaces xpmd \(ProtocolVersion.product): \(program.path)")
                    giveWay()
                } catch {
                    responder.fail(error as? WireError ?? WireError(.internalError, "\(error)"))
                }
            }
    }

    private func checkReplaceable() throws(WireError) {
        if isEnding { throw WireError(.shuttingDown, "cannot reload xpmd: xpmd is ending") }
        // What only this process knows would be lost with it.
        if let fault = supervisor.ledger.fault {
            throw WireError(.storageFailed, "cannot reload xpmd: some changes are not saved yet: \(fault)")
        }
    }
}
