import Glibc
import XPMProtocol

/// The right to look at a log, which many may have, or to change its beginning, which one has while nobody looks.
///
/// It is never asked of the live file: services have that as their output, and may lock it for as long as they like.
/// Within the daemon it goes by the log's path. Daemons that share a log lock its state file, which is there before
/// anything is taken out of the log. Anybody could lock that too, so it is waited for only so long.
final class LogLock {
    enum Mode {
        /// To look at the log.
        case shared
        /// To change where its bytes stand.
        case exclusive
    }

    /// How often the state file is tried, with a pause each time: two seconds.
    private static let patience = 400
    private static let pause = timespec(tv_sec: 0, tv_nsec: 5_000_000)

    private let path: String
    /// The state file, locked as long as it is open; -1 where there is none.
    private var file: CInt = -1
    private var isHeld = false

    /// Throws EWOULDBLOCK where this daemon is at the log and it is not to wait for that, EBUSY where another process has
    /// its state file. To look without waiting, that one is not asked.
    init(_ path: String, _ mode: Mode, waits: Bool = true) throws(LogFault) {
        self.path = path
        let action = mode == .shared ? LogFault.Action.read : .rotate
        let file = LogState.file(of: path)
        for _ in 0..<(waits ? Self.patience : 1) {
            guard LogTurns.shared.begin(path, mode, waits: waits) else {
                throw LogFault(action, path: path, code: EWOULDBLOCK)
            }
            isHeld = true
            switch try Self.tryLocking(file, mode, waits: waits, action) {
            case .locked(let descriptor):
                self.file = descriptor
                return
            case .replaced: release()
            case .taken:
                // The others of this daemon need not wait, too.
                release()
                guard waits else { break }
                var pause = Self.pause
                nanosleep(&pause, nil)
            }
        }
        throw LogFault.locked(action, path: file)
    }

    deinit { release() }

    /// Gives the right back, before this goes anyway.
    func release() {
        guard isHeld else { return }
        isHeld = false
        if file >= 0 { close(file) }
        file = -1
        LogTurns.shared.end(path)
    }

    /// The log's state.
    func state() throws(LogFault) -> LogState { file >= 0 ? try LogState.read(file, of: path) : LogState() }

    /// Replaces the state, so that it outlasts a crash, and where it is `isDurable` a power cut. Only for who may change the log.
    func save(_ state: LogState, isDurable: Bool = true) throws(LogFault) {
        guard let bytes = try? Wire.encode(state) else { throw LogFault(.rotate, path: path, code: EINVAL) }
        // Nobody finds the new file without its lock.
        let replacement = try Bytes.replacement(of: LogState.file(of: path), with: bytes, isDurable: isDurable) {
            flock($0, LOCK_EX | LOCK_NB)
        }
        if file >= 0 { close(file) }
        file = replacement
    }

    private enum Attempt {
        /// Ours, or -1 where there is no file.
        case locked(CInt)
        /// Another process has it.
        case taken
        /// Who had it before has put a new one in its place.
        case replaced
    }

    private static func tryLocking(
        _ file: String, _ mode: Mode, waits: Bool, _ action: LogFault.Action
    ) throws(LogFault) -> Attempt {
        // For writing too, without which network file systems lock nothing exclusively.
        let (flags, operation) = mode == .shared ? (O_RDONLY, LOCK_SH) : (O_RDWR, LOCK_EX)
        guard let descriptor = try RegularFile.open(ifPresent: file, flags, to: action) else { return .locked(-1) }
        if mode == .shared, !waits { return .locked(descriptor) }
        // File systems without locks have no rotation either.
        let isTaken = flock(descriptor, operation | LOCK_NB) != 0 && errno == EWOULDBLOCK
        if !isTaken, RegularFile.isPresent(descriptor, at: file) { return .locked(descriptor) }
        close(descriptor)
        return isTaken ? .taken : .replaced
    }
}
