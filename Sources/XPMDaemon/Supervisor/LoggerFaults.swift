import Logging
import XPMKeeping

/// What it means for services that nobody reads what they write.
extension Supervisor {
    /// The keeper has no logger, or has one again; the fault is empty then.
    func loggerChanged(_ fault: String) {
        if !fault.isEmpty { logger.error("what services write is not logged: \(fault)") }
        for entry in registry.services where entry.runtime.isPiped == true {
            let before = entry.notes.count
            entry.notes.removeAll { $0.hasPrefix(ServiceEntry.unreadNote) }
            if entry.machine.phase.liveAttempt != nil, !fault.isEmpty {
                noteUnread(entry, because: fault)
                tell(of: entry, cause: Self.text(fault))
            } else if entry.notes.count != before {
                tell(of: entry, cause: "its output is logged again, and none of it is lost")
            }
        }
    }

    /// An attempt begins while nobody reads what it writes.
    func noteUnread(_ entry: ServiceEntry, because fault: String) { note(Self.text(fault), of: entry) }

    private static func text(_ fault: String) -> String {
        "\(ServiceEntry.unreadNote), and it will wait once 64 KiB are not read: \(fault)"
    }
}

extension ServiceEntry {
    fileprivate static let unreadNote = "its output is not logged"

    /// Why nobody reads what it writes, where that is so.
    var unread: String? { notes.first { $0.hasPrefix(Self.unreadNote) } }
}
