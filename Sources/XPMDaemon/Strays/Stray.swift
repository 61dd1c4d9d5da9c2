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

    /// Takes in what one of its processes has said on its notify socket.
    mutating func hear(_ text: String) {
        for line in text.split(separator: "\n") {
            for variable in ["X_XPM_URL", "STATUS"] where line.hasPrefix(variable + "=") {
                words[variable] = String(line)
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
    var waiters: [Responder] = []

    /// Answers all who wait.
    func finish(_ fault: WireError? = nil) {
        timer?.cancel()
        for waiter in waiters { if let fault { waiter.fail(fault) } else { waiter.reply(Empty()) } }
        waiters = []
    }
}
