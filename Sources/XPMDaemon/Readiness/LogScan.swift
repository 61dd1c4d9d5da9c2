import NIOCore
import NIOPosix

/// Looks at a log that grows. It is read on a worker thread, for a disk may be slow, and matched on a thread of its own: matching may
/// take long, and the workers have others' logs to read.
final class LogScan {
    /// One for all; a costly line ends a turn, so that each such service delays the readiness of others by one line at a time.
    private static let matching: NIOThreadPool = {
        let thread = NIOThreadPool(numberOfThreads: 1)
        thread.start()
        return thread
    }()

    /// Ends its thread, before the loop that it answers to: what is being matched is done soon, and what waits is not begun.
    static func endMatching() throws { try matching.syncShutdownGracefully() }

    private let loop: any EventLoop
    private let recovery: Recovery
    private var scanner: LogScanner
    private var isLooking = false
    private var hasChanged = false
    /// Takes what was found; tells whether to look on.
    var found: (LogScanner.Finding) -> Bool = { _ in false }

    init(_ scanner: LogScanner, recovery: Recovery, loop: any EventLoop) {
        self.scanner = scanner
        self.recovery = recovery
        self.loop = loop
    }

    /// Looks, or once more where it is being looked: what has changed meanwhile may be behind what is read.
    func look() {
        guard !isLooking else { return hasChanged = true }
        (isLooking, hasChanged) = (true, false)
        Workers.logs.run(.path(scanner.path), on: loop) { [scanner, recovery] in
            var scanner = scanner
            recovery.take(.log(scanner.path)) { scanner.read() }
            return scanner
        }
        .assumeIsolated()
        .whenComplete { [self] outcome in
            switch outcome {
            case .success(let scanner): match(scanner)
            // So much of this log is to be read that has not been that nothing has come of it for long.
            case .failure: isLooking = false
            }
        }
    }

    private func match(_ scanner: LogScanner) {
        Self.matching.runIfActive(eventLoop: loop) { [recovery] in
            var scanner = scanner
            let finding = recovery.take(.log(scanner.path)) { scanner.match() }
            return (scanner, finding)
        }
        .assumeIsolated()
        .whenSuccess { [self] scanner, finding in goOn(scanner, after: finding) }
    }

    private func goOn(_ scanner: LogScanner, after finding: LogScanner.Finding) {
        self.scanner = scanner
        isLooking = false
        guard found(finding) else { return }
        // Behind what was found there may be more.
        if finding != .nothing || hasChanged { look() }
    }
}
