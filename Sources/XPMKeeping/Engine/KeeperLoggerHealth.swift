import Glibc
import XPMLogs

/// A logger that cannot be started, or does not answer, and what the client is told of it.
extension Keeper {
    /// Looks after a logger that was asked something.
    func lookAfterLogger() {
        switch logger.watch.look(at: Clocks.monotonic) {
        case .ask:
            // While it lists, or starts, that is the question.
            if case .connected(let client) = logger.step, !client.send(.list(after: .max)) { loseLogger() }
        case .silent: replaceLogger()
        case nil: break
        }
    }

    /// It gets SIGKILL, which loses nothing, and the next one takes over.
    private func replaceLogger() {
        guard let pid = logger.pid else { return }
        let seconds = Double(logger.watch.patience * 2) / 1000
        let time = seconds < 1 ? "\(logger.watch.patience * 2) ms" : "\(Int(seconds)) s"
        logger.isFailing(
            "xpm-logger (process \(pid)) did not answer for \(time) and was killed; another one takes over")
        _ = Glibc.kill(pid, SIGKILL)
        logger.awaitEnd(of: pid)
        loseLogger()
        tellLoggerFault()
    }

    /// Tells a client that knows of it what is wrong with the logger, or that nothing is any more, where that is news.
    func tellLoggerFault() {
        guard logger.fault != toldLoggerFault else { return }
        toldLoggerFault = logger.fault
        if agreedVersion >= 5 { say([.logger(fault: logger.fault)]) }
    }
}
