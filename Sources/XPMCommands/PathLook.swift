import Glibc
import Synchronization
import XPMClient
import XPMProtocol

/// Looks at paths that people have given: a file system may never answer, and nobody would know what is being waited for.
enum PathLook {
    private struct State {
        /// What is looked at just now, and since when.
        var path: String?
        var since = ContinuousClock.now
        var isGuarded = false
    }

    /// How long a look may take.
    private static let patience = Duration.seconds(5)
    private static let state = Mutex(State())

    /// Does `body`, which looks at `path`. Where it takes too long, the program says so and ends: with a completion, which must not
    /// write between what is typed, in silence.
    static func at<Value, Fault: Error>(_ path: String, _ body: () throws(Fault) -> Value) throws(Fault) -> Value {
        let isGuarded = state.withLock { state in
            (state.path, state.since) = (path, .now)
            defer { state.isGuarded = true }
            return state.isGuarded
        }
        if !isGuarded { Thread.start(keepTime) }
        defer { state.withLock { $0.path = nil } }
        return try body()
    }

    /// On a thread of its own, which is there no longer than a look may take: the one that hangs can do nothing any more.
    private static func keepTime() {
        var rest = patience
        while rest > .zero {
            Thread.pause(rest)
            let path = state.withLock { state in
                guard let path = state.path else {
                    (state.isGuarded, rest) = (false, .zero)
                    return String?.none
                }
                rest = patience - state.since.duration(to: .now)
                return path
            }
            if let path, rest <= .zero { end(path) }
        }
    }

    private static func end(_ path: String) -> Never {
        let error = WireError(
            .fileSystemUnresponsive, "cannot look at \(path): its file system does not answer",
            data: ["path": .string(path)])
        if !CommandLine.arguments.contains("---completion") { Failure.report(error) }
        _exit(error.code.exitCode)
    }
}
