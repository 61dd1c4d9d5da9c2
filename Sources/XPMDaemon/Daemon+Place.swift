import Glibc
import Logging
import XPMControl

/// Where the daemon can be reached, whatever becomes of its runtime folder.
extension Daemon {
    /// Where clients reach it.
    var socket: String { placeKeeping?.socket ?? places.socket }

    /// Begins to see to it that it can be reached.
    func keepPlace() {
        let keeping = PlaceKeeping(places: places, lock: lock, logger: logger) { [unowned self] in listenAnew($0) }
        placeKeeping = keeping
        keeping.begin(on: loop)
    }

    /// Serves another socket in place of the one that nobody can reach any more; connections stay.
    private func listenAnew(_ listener: CInt) {
        guard !isLeaving, case let copy = fcntl(listener, F_DUPFD_CLOEXEC, 3), copy >= 0 else {
            close(listener)
            return
        }
        close(handover.listener)
        handover.listener = listener
        // systemd's own is not the one any more that is at the path.
        handover.isSystemdsSocket = false
        server?.stopListening()
        server?.serve(listening: copy) { [logger] result in
            if case .failure(let error) = result { logger.error("cannot serve the new socket: \(error)") }
        }
    }
}
