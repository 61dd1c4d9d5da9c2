import NIOCore
import XPMProtocol

/// What a service changes as often as it likes, and events tell of.
struct Words: Hashable {
    var url: String?
    var health: HealthReport?
}

/// An event that waits because there were many.
struct HeldBack {
    var cause: String
    let scheduled: Scheduled<Void>
}

// What services say often is told some ten times a second each, with what came until then: the last word always is, and before the
// service's exit. The record has it at once.
extension Supervisor {
    /// Publishes a change of a service's words, at once or in a moment.
    func tellSoon(of entry: ServiceEntry, cause: String) {
        guard entry.words != entry.told || entry.heldBack != nil else { return }
        entry.touch()
        guard entry.heldBack == nil else {
            entry.heldBack?.cause = cause
            return
        }
        let delay = entry.wordAllowance.delay(at: .now())
        guard delay > .zero else { return tellWords(of: entry, cause: cause) }
        let scheduled = loop.assumeIsolated().scheduleTask(in: delay) { [unowned self, weak entry] in
            if let entry, !isEnding { tellHeldBack(of: entry) }
        }
        entry.heldBack = HeldBack(cause: cause, scheduled: scheduled)
    }

    /// Publishes now what was held back, unless it has been told meanwhile or is again what was told before.
    func tellHeldBack(of entry: ServiceEntry) {
        guard let held = entry.heldBack else { return }
        held.scheduled.cancel()
        entry.heldBack = nil
        if entry.words != entry.told { tellWords(of: entry, cause: held.cause) }
    }

    private func tellWords(of entry: ServiceEntry, cause: String) {
        entry.wordAllowance.take(at: .now())
        tell(of: entry, cause: cause)
    }
}

extension ServiceEntry {
    /// As they are now; `told` is what the last event had of them.
    var words: Words { Words(url: runtime.url, health: health) }
}
