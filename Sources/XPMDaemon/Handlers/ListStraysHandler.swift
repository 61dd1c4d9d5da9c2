import XPMControl
import XPMKeeping
import XPMProtocol
import XPMSupervision

extension Supervisor {
    func listStrays(_ request: ListStrays, _ responder: Responder) {
        readImages(of: Array(strays.values)) { [self] images in
            // As they are by now.
            let records = strays.values.sorted { $0.report.attempt < $1.report.attempt }.map { stray in
                var record = StrayRecord(stray: stray.report.attempt)
                images[stray.report.attempt]?.describe(&record)
                record.pid = stray.pid
                if record.pid == nil { record.processes = stray.processes }
                if stray.isIgnored { record.ignored = true }
                if stray.stopping != nil { record.stopping = true }
                return record
            }
            responder.reply(ListStrays.Reply(strays: records))
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
