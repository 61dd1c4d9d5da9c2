import Glibc
import XPMLogs

/// The keeper's way to the logger: which step it is at, and when to try again.
final class LoggerLink {
    enum Step {
        /// There is none, or it is not known.
        case absent
        /// It was started, and says on this descriptor when it listens.
        case starting(LoggerLaunch.Started)
        /// It tells which streams it has: pages that came so far.
        case listing(LoggerClient, [StreamEntry])
        case connected(LoggerClient)
    }

    /// Where the logger's socket and state are.
    let folder: String
    private let launch: LoggerLaunch
    var step = Step.absent
    /// The poller's number of what is waited for.
    var source: UInt64 = 0
    var awaitsWriting = false
    /// The poller tells when the logger's process ends.
    var isLifelineWatched = false
    /// One that is being killed, and until when it is waited for: its socket may still take connections until then.
    private var dying: (pid: Int32, until: Int64)?
    /// When it is tried again, CLOCK_MONOTONIC in ms; nil where that is not necessary.
    private(set) var due: Int64?
    private var failures = 0

    /// A logger that begins anew within so many ms after another one counts as one that fails.
    private static let longestPause: Int64 = 5000
    /// How often it is looked whether one that is being killed has ended, and for how long, in ms.
    private static let look: Int64 = 2
    private static let longestEnd: Int64 = 2000

    init(folder: String, executable: String) {
        self.folder = folder
        // What it says goes where the keeper's own words go.
        launch = LoggerLaunch(executable: executable, folder: folder, logPath: nil)
    }

    /// The logger that is spoken to.
    var client: LoggerClient? {
        switch step {
        case .listing(let client, _), .connected(let client): client
        case .absent, .starting: nil
        }
    }

    var isAbsent: Bool { if case .absent = step { true } else { false } }

    /// Connects to the logger that is there, or starts one. False where neither can be; it is `due` again then.
    func begin() -> Bool {
        due = nil
        if let dying {
            guard LoggerClient.hasEnded(dying.pid) || dying.until <= Clocks.monotonic else {
                due = Clocks.monotonic + Self.look
                return false
            }
            self.dying = nil
        }
        if let client = try? LoggerClient(folder: folder) {
            step = .listing(client, [])
            return true
        }
        guard PrivateFolder.make(folder) else {
            return failed("cannot start the logger: \(folder) is not the user's own")
        }
        do throws(LogFileError) {
            step = .starting(try launch.start())
            return true
        } catch {
            return failed("\(error)")
        }
    }

    /// The one that was started listens, or has ended.
    func becameReady() -> Bool {
        do throws(LogFileError) {
            step = .listing(try LoggerClient(folder: folder), [])
            return true
        } catch {
            return failed("\(error)")
        }
    }

    /// It is gone: the next one is due at once, or after a while where one after the other fails.
    func lost() {
        (step, awaitsWriting, isLifelineWatched) = (.absent, false, false)
        let pause = failures == 0 ? 0 : min(Self.longestPause, 5 << Int64(min(failures, 20)))
        failures += 1
        due = Clocks.monotonic + pause
    }

    /// The next one does not begin before this one has ended, a moment that is hardly ever seen.
    func awaitEnd(of pid: Int32) { dying = (pid, Clocks.monotonic + Self.longestEnd) }

    /// It serves: what failed before counts no more.
    func serves() { failures = 0 }

    private func failed(_ text: String) -> Bool {
        KeeperLog.write(text)
        failures = max(failures, 1)
        lost()
        return false
    }
}
