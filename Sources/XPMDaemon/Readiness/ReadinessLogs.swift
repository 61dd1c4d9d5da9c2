import XPMProtocol

/// The logs of an attempt in which a line is awaited, and what is to be watched for that.
struct ReadinessLogs: Sendable {
    /// One of them.
    struct Log: Sendable {
        /// Whose lines are there; nil for those of both.
        var stream: LogPattern.Stream?
        var path: String
        /// Where the attempt's part begins.
        var start: Int64
        var places: LogWatch.Places
    }

    /// One for each file.
    var scanned: [Log]

    /// Goes the way to the files, which may block: for a worker thread.
    init(_ logs: LogPaths, stdoutStart: Int64, stderrStart: Int64) {
        let isShared = logs.stdout == logs.stderr
        let stdout = (stream: isShared ? nil : LogPattern.Stream.stdout, path: logs.stdout, start: stdoutStart)
        let stderr = (stream: LogPattern.Stream?.some(.stderr), path: logs.stderr, start: stderrStart)
        scanned = (isShared ? [stdout] : [stderr, stdout]).filter { $0.path != LogPaths.discarded }.map { log in
            Trail.at(log.path)
            let reader = LogPaths(stdout: log.path, stderr: LogPaths.discarded).reader
            return Log(stream: log.stream, path: log.path, start: log.start, places: LogWatch.Places(of: reader))
        }
    }
}
