import Glibc
import XPMControl
import XPMKeeping
import XPMProtocol
import XPMSupervision

extension Supervisor {
    func listStrays(_ request: ListStrays, _ responder: Responder) {
        afterSearch { [self] in list(responder) }
    }

    private func list(_ responder: Responder) {
        readImages(of: Array(strays.values)) { [self] images in
            // As they are by now.
            let records = strays.values.sorted { $0.report.attempt < $1.report.attempt }.map { stray in
                var record = StrayRecord(stray: stray.report.attempt)
                if let image = images.read[stray.report.attempt] {
                    image.describe(&record)
                } else if let service = stray.service {
                    record.take(service)
                }
                if let service = record.service, unreadable.have(service) {
                    record.cause = "the record of its service cannot be read"
                }
                record.pid = stray.pid
                if record.pid == nil { record.processes = stray.processes }
                if stray.isIgnored { record.ignored = true }
                if stray.stopping != nil { record.stopping = true }
                return record
            }
            // Those that have gone since are nobody's affair.
            let unread = unread.union(images.unread).filter { kill($0, 0) == 0 }.sorted()
            responder.reply(ListStrays.Reply(strays: records, faults: unread.isEmpty ? nil : unread.map(Self.unread)))
        }
    }

    /// The stray of a number.
    func stray(_ number: UInt64) throws(WireError) -> Stray {
        guard let stray = strays[.init(rawValue: number)] else {
            throw WireError(
                .notFound, "cannot find the stray \(number)", data: ["stray": .integer(Int64(clamping: number))])
        }
        return stray
    }
}
