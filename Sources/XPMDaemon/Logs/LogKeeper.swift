import Glibc
import Logging
import NIOCore
import XPMProtocol

/// Rotates the logs of services that have processes, and notes when they grow.
///
/// A log at rest costs nothing where it is watched by inotify. With the first change the watch is taken away, so that a
/// service which writes much is not slowed down, and the log is looked at every 250 ms until it grows no more. Looks and
/// rotations are made on worker threads: a log whose file system does not answer takes up a thread, and no other log waits for it.
/// Rotations go one after the other, a piece of one log each, for they share the disk; one that takes long is not waited for.
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

    static let interval = TimeAmount.milliseconds(250)
    /// How long a rotation may take before the next one does not wait for it.
    private static let patience = TimeAmount.seconds(2)

    private let files: FileWatch
    private let recovery: Recovery
    private let loop: any EventLoop
    private let logger: Logger
    private let retryInterval: TimeAmount
    /// Told of a log whose file is no longer at its path.
    var lost: (String) -> Void = { _ in }
    private var logs: [String: Log] = [:]
    /// Those that grow; the others are watched.
    private var growing: [String: Log] = [:]
    private var fresh: [Log] = []
    private var timer: Scheduled<Void>?
    private var overfull: [Log] = []
    private var isRotating = false
    /// Called with the path of a log whose state was damaged and has been set aside.
    var repaired: (String) -> Void = { _ in }

    /// What failed is tried again after `retryInterval`.
    init(
        files: FileWatch, recovery: Recovery, loop: any EventLoop, logger: Logger,
        retryInterval: TimeAmount = .seconds(30)
    ) {
        self.files = files
        self.recovery = recovery
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

    /// Sets aside what the logs hold, so that an attempt begins empty ones; calls back when that is done, or with the clause of why it is
    /// not.
    func renew(_ paths: LogPaths, keep: Int, done: @escaping (String?) -> Void) {
        let paths = paths.files
        guard let first = paths.first else { return done(nil) }
        Workers.logs.run(.path(first), on: loop, within: LogQuery.patience) { [recovery] in
            Result { () throws(LogFault) in
                for path in paths {
                    Trail.at(path)
                    try recovery.take(.log(path)) { () throws(LogFault) in
                        try LogRenewal(path: path, keep: keep).renew()
                    }
                }
            }
        }
        .assumeIsolated()
        .whenComplete { [self] outcome in
            switch outcome {
            case .success(.success):
                for path in paths { files.renew(path) }
                done(nil)
            case .success(.failure(let fault)):
                for path in paths { files.renew(path) }
                done(fault.clause)
            case .failure(let fault): done("\(fault)")
            }
        }
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
        /// The file is no longer at its path.
        var isGone: Bool
        /// Its state was damaged, and was set aside.
        var isRepaired = false
    }

    private func look(at logs: [Log]) {
        let now = NIODeadline.now()
        let logs = logs.filter { !$0.isBusy && $0.nextLook.map { $0 <= now } ?? true }
        guard !logs.isEmpty else { return growing.values.contains { !$0.isBusy } ? scheduleLook() : () }
        for log in logs { look(at: log) }
    }

    private func look(at log: Log) {
        (log.isBusy, log.isStale) = (true, false)
        let (path, limit) = (log.path, log.limit)
        Workers.logs.run(.path(path), on: loop) { [recovery] in
            recovery.take(.log(path)) { Result { () throws(LogFault) in try Self.finding(path, limit: limit) } }
        }
        .assumeIsolated()
        .whenComplete { [self] outcome in
            log.isBusy = false
            switch outcome {
            case .success(.success(let finding)):
                log.nextLook = nil
                found(finding, log)
            // That may take for ever, and each try a worker thread for seconds.
            case .success(.failure(let fault)) where fault.code == EBUSY:
                if log.nextLook == nil {
                    logger.warning("\(fault); until then it is not rotated and its lines have no times")
                }
                log.nextLook = .now() + retryInterval
            case .success(.failure(let fault)):
                drop(log, because: fault)
                if fault.code == ENOENT || fault.code == ENOTDIR { lost(log.path) }
            case .failure: log.nextLook = .now() + retryInterval
            }
            scheduleLook(at: log)
        }
    }

    private static func finding(_ path: String, limit: Int64) throws(LogFault) -> Finding {
        if let found = try look(at: path, limit: limit) { return found }
        try LogState.setAside(path)
        guard var found = try look(at: path, limit: limit) else {
            throw .damaged(.read, path: LogState.file(of: path))
        }
        found.isRepaired = true
        return found
    }

    /// Nil where its state is damaged.
    private static func look(at path: String, limit: Int64) throws(LogFault) -> Finding? {
        let log = try LogSnapshot(path)
        guard !log.isStateDamaged else { return nil }
        // On a full disk times become coarser, and nothing else.
        do { try LogIndex.append(log) } catch { if error.code != ENOSPC && error.code != EDQUOT { throw error } }
        let held = log.end - log.state.start
        return Finding(
            end: log.end, size: log.size,
            isOverfull: limit > 0 && held > limit || log.state.released < log.state.start,
            isGone: access(path, F_OK) != 0 && errno == ENOENT)
    }

    private func found(_ finding: Finding, _ log: Log) {
        if finding.isRepaired { repaired(log.path) }
        let hasGrown = finding.end != log.end
        (log.end, log.size) = (finding.end, finding.size)
        if finding.isGone, !log.isEnding { lost(log.path) }
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

    /// Leaves a log to its watch, unless it has grown just before that was there. It has just been looked at, so that the way to it
    /// is known not to block.
    private func rest(_ log: Log) {
        do {
            log.token = try files.watch(log.path, for: .growthInTime) { [weak self, weak log] in
                if let self, let log { wake(log) }
            }
        } catch {
            return drop(log, because: error)
        }
        log.isBusy = true
        let path = log.path
        Workers.logs.run(.path(path), on: loop) { () -> Int64? in
            var status = stat()
            return stat(path, &status) == 0 ? Int64(status.st_size) : nil
        }
        .assumeIsolated()
        .whenComplete { [self] outcome in
            log.isBusy = false
            // One that was told to have grown meanwhile is not left to a watch that it has no more.
            guard log.token != nil else { return scheduleLook(at: log) }
            if case .success(log.size?) = outcome {
                growing[path] = nil
            } else {
                log.token?.cancel()
                log.token = nil
                scheduleLook(at: log)
            }
        }
    }

    /// Goes on with what waits, one log at a time, unless that takes long: then its file system may not answer.
    private func rotateNext() {
        guard !isRotating, !overfull.isEmpty else { return }
        isRotating = true
        let log = overfull.removeFirst()
        let (path, limit, keep) = (log.path, log.limit, log.keep)
        var isOurs = true
        let pass = { [self] in
            guard isOurs else { return }
            (isOurs, isRotating) = (false, false)
            rotateNext()
        }
        let patience = loop.assumeIsolated().scheduleTask(in: Self.patience, pass)
        Workers.logs.run(.path(path), on: loop) { [recovery] in
            recovery.take(.log(path)) {
                Result { () throws(LogFault) in try LogRotation(path: path, limit: limit, keep: keep).rotate() }
            }
        }
        .assumeIsolated()
        .whenComplete { [self] outcome in
            patience.cancel()
            log.isBusy = false
            switch outcome {
            case .success(.success): log.retryAt = nil
            case .success(.failure(let fault)):
                if log.retryAt == nil { logger.warning("\(fault); it grows until that works") }
                log.retryAt = .now() + retryInterval
            case .failure: log.retryAt = .now() + retryInterval
            }
            wake(log)
            pass()
        }
    }

    /// The next look, where this log is to be looked at by then: those that are being looked at come back by themselves.
    private func scheduleLook(at log: Log) {
        if growing[log.path] === log, !log.isBusy { scheduleLook() }
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
