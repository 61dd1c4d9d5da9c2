import Glibc
import Logging
import NIOCore
import NIOPosix
import XPMProtocol

/// Rotates the logs of services that have processes, and notes when they grow.
///
/// A log at rest costs nothing: it is watched by inotify. With the first change the watch is taken away, so that a
/// service which writes much is not slowed down, and the log is looked at every 250 ms until it grows no more. Looks and
/// rotations are made on worker threads; rotations one after the other, a piece of one log each, for they share the disk.
final class LogKeeper {
    /// One file that is followed.
    private final class Log {
        let path: String
        var limit: Int64
        var keep: Int
        var token: FileWatch.Token?
        /// The last look's findings.
        var end: Int64 = -1
        var size: Int64 = -1
        /// A look at it or its rotation is under way or waits for its turn.
        var isBusy = false
        /// Something happened since the last look began.
        var isStale = false
        /// Followed until the next look has found all that was written.
        var isEnding = false
        /// After a rotation that failed, which was said.
        var retryAt: NIODeadline?
        /// After a look that failed because another process has it, which was said.
        var nextLook: NIODeadline?

        init(path: String, limit: Int64, keep: Int) {
            self.path = path
            self.limit = limit
            self.keep = keep
        }
    }

    private struct Renewal {
        var paths: [String]
        var keep: Int
        var done: (LogFault?) -> Void
    }

    static let interval = TimeAmount.milliseconds(250)

    private let files: FileWatch
    private let loop: any EventLoop
    private let logger: Logger
    private let retryInterval: TimeAmount
    private var logs: [String: Log] = [:]
    /// Those that grow; the others are watched.
    private var growing: [String: Log] = [:]
    private var fresh: [Log] = []
    private var timer: Scheduled<Void>?
    private var overfull: [Log] = []
    /// Logs to be set aside; before rotations, for services wait for it.
    private var renewals: [Renewal] = []
    private var isRotating = false

    /// What failed is tried again after `retryInterval`.
    init(files: FileWatch, loop: any EventLoop, logger: Logger, retryInterval: TimeAmount = .seconds(30)) {
        self.files = files
        self.loop = loop
        self.logger = logger
        self.retryInterval = retryInterval
    }

    /// Begins with the logs of an attempt, whose files are there; once more only changes the policy.
    func follow(_ paths: LogPaths, policy: LogPolicy?) {
        guard policy?.target != .journal else { return }
        let limit = policy?.maximumBytes ?? LogPolicy.defaultMaximumBytes
        let keep = max(0, policy?.keep ?? LogPolicy.defaultKeep)
        for path in paths.files {
            let log = logs[path] ?? Log(path: path, limit: limit, keep: keep)
            (log.limit, log.keep, log.isEnding) = (limit, keep, false)
            logs[path] = log
            wake(log)
        }
    }

    /// Ends once what was written so far is noted: nobody writes to them any more.
    func unfollow(_ paths: LogPaths) {
        for log in [logs[paths.stdout], logs[paths.stderr]].compactMap({ $0 }) {
            log.isEnding = true
            wake(log)
        }
    }

    /// Sets aside what the logs hold, so that an attempt begins empty ones; calls back when that is done.
    func renew(_ paths: LogPaths, keep: Int, done: @escaping (LogFault?) -> Void) {
        renewals.append(Renewal(paths: paths.files, keep: keep, done: done))
        rotateNext()
    }

    private func wake(_ log: Log) {
        log.token?.cancel()
        log.token = nil
        log.isStale = true
        growing[log.path] = log
        fresh.append(log)
        guard fresh.count == 1 else { return }
        // What changes in the same turn of the loop is looked at together.
        loop.assumeIsolated().execute { [self] in
            let logs = fresh
            fresh = []
            look(at: logs)
        }
    }

    /// What a look found.
    private struct Finding: Sendable {
        var end: Int64
        var size: Int64
        var isOverfull: Bool
    }

    private func look(at logs: [Log]) {
        let now = NIODeadline.now()
        let logs = logs.filter { !$0.isBusy && $0.nextLook.map { $0 <= now } ?? true }
        guard !logs.isEmpty else { return scheduleLook() }
        for log in logs { (log.isBusy, log.isStale) = (true, false) }
        let orders = logs.map { ($0.path, $0.limit) }
        NIOSingletons.posixBlockingThreadPool.runIfActive(eventLoop: loop) {
            orders.map { path, limit in Result { () throws(LogFault) in try Self.finding(path, limit: limit) } }
        }
        .assumeIsolated()
        .whenSuccess { [self] findings in
            for (log, finding) in zip(logs, findings) {
                log.isBusy = false
                switch finding {
                case .success(let finding):
                    log.nextLook = nil
                    found(finding, log)
                // That may take for ever, and each try a worker thread for seconds.
                case .failure(let fault) where fault.code == EBUSY:
                    if log.nextLook == nil {
                        logger.warning("\(fault); until then it is not rotated and its lines have no times")
                    }
                    log.nextLook = .now() + retryInterval
                case .failure(let fault): drop(log, because: fault)
                }
            }
            scheduleLook()
        }
    }

    private static func finding(_ path: String, limit: Int64) throws(LogFault) -> Finding {
        let log = try LogSnapshot(path)
        // On a full disk times become coarser, and nothing else.
        do { try LogIndex.append(log) } catch { if error.code != ENOSPC && error.code != EDQUOT { throw error } }
        let held = log.end - log.state.start
        return Finding(
            end: log.end, size: log.size,
            isOverfull: limit > 0 && held > limit || log.state.released < log.state.start)
    }

    private func found(_ finding: Finding, _ log: Log) {
        let hasGrown = finding.end != log.end
        (log.end, log.size) = (finding.end, finding.size)
        if finding.isOverfull, log.retryAt.map({ $0 <= .now() }) ?? true {
            log.isBusy = true
            overfull.append(log)
            rotateNext()
        } else if log.isStale {
            // The next look, which this one was too early for, is due in any case.
        } else if log.isEnding {
            drop(log)
        } else if !hasGrown {
            rest(log)
        }
    }

    /// Leaves a log to its watch, unless it has grown just before that was there.
    private func rest(_ log: Log) {
        do {
            log.token = try files.watch(log.path) { [weak self, weak log] in
                if let self, let log { wake(log) }
            }
        } catch {
            return drop(log, because: error)
        }
        var status = stat()
        guard stat(log.path, &status) == 0, Int64(status.st_size) == log.size else {
            log.token?.cancel()
            log.token = nil
            return
        }
        growing[log.path] = nil
    }

    private func renewNext() {
        isRotating = true
        let renewal = renewals.removeFirst()
        let (paths, keep) = (renewal.paths, renewal.keep)
        NIOSingletons.posixBlockingThreadPool.runIfActive(eventLoop: loop) {
            Result { () throws(LogFault) in for path in paths { try LogRenewal(path: path, keep: keep).renew() } }
        }
        .assumeIsolated()
        .whenSuccess { [self] result in
            isRotating = false
            for path in paths { files.renew(path) }
            if case .failure(let fault) = result { renewal.done(fault) } else { renewal.done(nil) }
            rotateNext()
        }
    }

    /// Goes on with what waits, one thing at a time.
    private func rotateNext() {
        guard !isRotating else { return }
        if !renewals.isEmpty { return renewNext() }
        guard !overfull.isEmpty else { return }
        isRotating = true
        let log = overfull.removeFirst()
        let rotation = (log.path, log.limit, log.keep)
        NIOSingletons.posixBlockingThreadPool.runIfActive(eventLoop: loop) {
            let (path, limit, keep) = rotation
            return Result { () throws(LogFault) in
                try LogRotation(path: path, limit: limit, keep: keep).rotate()
            }
        }
        .assumeIsolated()
        .whenSuccess { [self] result in
            isRotating = false
            log.isBusy = false
            switch result {
            case .success: log.retryAt = nil
            case .failure(let fault):
                if log.retryAt == nil { logger.warning("\(fault); it grows until that works") }
                log.retryAt = .now() + retryInterval
            }
            wake(log)
            rotateNext()
        }
    }

    private func scheduleLook() {
        guard timer == nil, !growing.isEmpty else { return }
        timer = loop.assumeIsolated().scheduleTask(in: Self.interval) { [self] in
            timer = nil
            look(at: Array(growing.values))
        }
    }

    private func drop(_ log: Log, because fault: (any Error)? = nil) {
        if let fault {
            logger.warning(
                "\(fault); the log is not rotated and its lines have no times until its service starts again")
        }
        log.token?.cancel()
        log.token = nil
        growing[log.path] = nil
        logs[log.path] = nil
    }
}
