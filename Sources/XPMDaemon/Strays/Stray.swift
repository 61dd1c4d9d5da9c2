import NIOCore
import XPMControl
import XPMKeeping
import XPMProtocol

/// Processes of one attempt that the keeper has and no record knows. Nobody but a person decides what becomes of them.
struct Stray {
    var report: AttemptReport
    /// What is left of it, where its main process has ended.
    var processes: [Int32] = []
    var isIgnored = false
    /// The service that it was started for, and the environment entry by which its processes are known, once they were read.
    var service: ServiceIdentity?
    var marker: String?
    /// It is being stopped; those who wait for that.
    var stopping: StrayStop?

    /// The lines by which it last told its URL and its status, by their variables; whoever adopts it goes on with them.
    var words: [String: String] = [:]

    private static let remembered = [("X_XPM_URL", "X_XPM_URL="), ("STATUS", "STATUS=")]

    /// Takes in what one of its processes has said on its notify socket.
    mutating func hear(_ text: String) {
        for line in text.utf8.split(separator: UInt8(ascii: "\n")) {
            for (variable, start) in Self.remembered where line.starts(with: start.utf8) {
                words[variable] = String(Substring(line))
            }
        }
    }

    /// The main process while that lives.
    var pid: Int32? { report.phase == .running ? report.pid : nil }

    /// One of its processes, with its start where that is known.
    var anyProcess: (pid: Int32, startTime: UInt64?)? {
        pid.map { ($0, report.startTime) } ?? processes.first.map { ($0, nil) }
    }
}

/// The ladder by which a stray is ended: SIGTERM, a grace, SIGKILL.
final class StrayStop {
    var timer: Scheduled<Void>?
    var waiters: [(responder: Responder, wait: Waits.Wait)] = []

    /// Answers all who wait.
    func finish(_ fault: WireError? = nil) {
        timer?.cancel()
        for (responder, wait) in waiters {
            wait.end()
            responder.withRoom(for: 1 << 10) {
                if let fault { responder.fail(fault) } else { responder.reply(Empty()) }
            }
        }
        waiters = []
    }
}
