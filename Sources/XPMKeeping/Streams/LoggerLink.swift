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
    /// Why nobody reads what services write; empty where somebody does, or will in a moment.
    private(set) var fault = ""
    var watch: LoggerWatch
    /// Given up for the way to a logger: services have taken all other descriptors, and one that nobody reads is no use to them.
    private var spares: [OpenFile] = []
    private static let spareCount = 3

    /// A logger that begins anew within so many ms after another one counts as one that fails.
    private static let longestPause: Int64 = 5000
    private static let failuresToTell = 3
    /// How often it is looked whether one that is being killed has ended, and for how long, in ms.
    private static let look: Int64 = 2
    private static let longestEnd: Int64 = 2000

    init(folder: String, executable: String, watch: LoggerWatch) {
        self.folder = folder
        self.watch = watch
        // What it says goes where the keeper's own words go.
        launch = LoggerLaunch(executable: executable, folder: folder, logPath: nil)
        takeSpares()
    }

    /// The logger that is spoken to.
    var client: LoggerClient? {
        switch step {
        case .listing(let client, _), .connected(let client): client
        case .absent, .starting: nil
        }
    }

    /// Its process.
    var pid: Int32? {
        if case .starting(let started) = step { started.pid } else { client?.pid }
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
        spares = []
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
        let answer = answer
        do throws(LogFileError) {
            step = .listing(try LoggerClient(folder: folder), [])
            return true
        } catch {
            return failed(answer.isEmpty || answer == "ready" ? "\(launch.executable) ended: \(error)" : answer)
        }
    }

    /// What the one that was started has said: that it is ready, or why it can't be.
    private var answer: String {
        guard case .starting(let started) = step else { return "" }
        return withUnsafeTemporaryAllocation(byteCount: 1024, alignment: 1) { buffer in
            let count = max(read(started.ready.descriptor, buffer.baseAddress, buffer.count), 0)
            return String(decoding: buffer[..<count].prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
        }
    }

    /// It is gone: the next one is due at once, or after a while where one after the other fails.
    func lost() {
        (step, awaitsWriting, isLifelineWatched) = (.absent, false, false)
        watch.heard()
        takeSpares()
        let pause = failures == 0 ? 0 : min(Self.longestPause, 5 << Int64(min(failures, 20)))
        failures += 1
        due = Clocks.monotonic + pause
    }

    /// The next one does not begin before this one has ended, a moment that is hardly ever seen.
    func awaitEnd(of pid: Int32) { dying = (pid, Clocks.monotonic + Self.longestEnd) }

    /// It serves: what failed before counts no more.
    func serves() { (failures, fault) = (0, "") }

    /// Something is wrong with it that people should know.
    func isFailing(_ text: String) {
        KeeperLog.write(text)
        fault = text
    }

    private func takeSpares() {
        while spares.count < Self.spareCount {
            let number = open("/dev/null", O_RDONLY | O_CLOEXEC)
            guard number >= 0 else { return }
            spares.append(OpenFile(number))
        }
    }

    private func failed(_ text: String) -> Bool {
        failures = max(failures, 1)
        // What passes by itself is nobody's business.
        if failures < Self.failuresToTell { KeeperLog.write(text) } else if fault != text { isFailing(text) }
        lost()
        return false
    }
}
