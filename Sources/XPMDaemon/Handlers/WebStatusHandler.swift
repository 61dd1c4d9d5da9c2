import Glibc
import NIOCore
import XPMControl
import XPMProtocol
import XPMTemplates

extension Supervisor {
    func webStatus(_ request: WebStatus, _ responder: Responder) { replyWeb(responder) }

    /// Answers with how the web page is.
    func replyWeb(_ responder: Responder) { withWebRecord { responder.reply($0) } }

    /// How the web page is. Whether its program is still the installed one is looked up, by a worker.
    func withWebRecord(then: @escaping (WebRecord) -> Void) {
        guard let entry = webEntry, let pid = entry.runtime.pid, let startTime = entry.runtime.startTime else {
            return then(webRecord)
        }
        let program = web.program
        Workers.system.run(.program, on: loop) { RunningProgram.isOutdated(pid, startTime, installed: program) }
            .assumeIsolated()
            .whenComplete { [self] outcome in
                var record = webRecord
                record.isOutdated = record.pid == pid && (try? outcome.get()) == true
                then(record)
            }
    }

    /// The same without that.
    var webRecord: WebRecord {
        let settings = userFiles.settings.settings.web
        guard let entry = webEntry else {
            let identity = ServiceIdentity(run: WebService.run(in: stateFolder), id: WebService.id)
            var record = WebRecord(state: .stopped, listen: settings.listen, service: ServiceReference(identity))
            record.pathMode = settings.pathMode
            return record
        }
        let running = entry.isLive ? entry.runtime.web?.settings ?? settings : settings
        var record = WebRecord(
            state: entry.state, listen: running.listen, service: ServiceReference(entry.identity))
        record.pathMode = running.pathMode
        record.wanted = entry.wanted
        record.since = entry.runtime.attempt == nil ? nil : entry.runtime.since
        (record.pid, record.error, record.retry) = (entry.runtime.pid, entry.record.error, entry.retryReport)
        record.url = entry.runtime.url
        record.port = entry.runtime.url.flatMap(WebAddress.port)
        return record
    }

    /// Why the web page does not work, where it should, a sentence.
    var webFault: String? {
        guard let entry = webEntry, entry.state == .error else { return nil }
        return entry.record.error
    }
}

/// The file that a process runs, compared with the one that is installed now.
enum RunningProgram {
    /// May block. False where that cannot be told.
    static func isOutdated(_ pid: Int32, _ startTime: UInt64, installed path: String) -> Bool {
        var (running, installed) = (stat(), stat())
        guard stat("/proc/\(pid)/exe", &running) == 0, stat(path, &installed) == 0,
            ProcessIdentity(pid)?.startTime == startTime
        else { return false }
        return running.st_dev != installed.st_dev || running.st_ino != installed.st_ino
    }
}
