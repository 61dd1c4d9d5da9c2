import Glibc
import XPMLogs

/// What xpmd asks of the logger by way of the keeper.
extension Keeper {
    /// All leftovers of earlier keepers have been handed over.
    func restored() {
        // The next logger is to know it, too.
        isRestored = true
        if case .connected(let client) = logger.step, !client.send(.restored) { loseLogger() }
    }

    func clearLog(_ path: String) {
        clearing.insert(path)
        if case .connected = logger.step { askToClear() } else { wakeLogger() }
    }

    /// Asks the logger to clear what it was to clear before it was there. Whoever gets no answer has a deadline.
    func askToClear() {
        guard case .connected(let client) = logger.step else { return }
        if !clearing.isEmpty { logger.watch.asked(at: Clocks.monotonic) }
        for path in clearing.sorted() where !client.send(.clear(path: path)) { return loseLogger() }
        clearing = []
    }

    /// Tells when all that an attempt has written by now is in its logs.
    func settle(_ attempt: UInt64) {
        settling[attempt] = Set(streams.of(attempt).map(\.number))
        if case .connected(let client) = logger.step {
            logger.watch.asked(at: Clocks.monotonic)
            for number in settling[attempt] ?? [] where !client.send(.settle(stream: number)) { return loseLogger() }
        } else {
            wakeLogger()
        }
        answerSettled()
    }

    func askToSettle() {
        guard case .connected(let client) = logger.step else { return }
        for number in Set(settling.values.joined()) where !client.send(.settle(stream: number)) { return loseLogger() }
    }

    func settled(_ number: UInt64) {
        for attempt in settling.keys { settling[attempt]?.remove(number) }
        answerSettled()
    }

    func answerSettled() {
        for (attempt, numbers) in settling where numbers.allSatisfy({ streams[$0] == nil }) {
            settling[attempt] = nil
            tellNewest([.settled(attempt: attempt)])
        }
    }
}
