import Glibc

/// Signals as bytes of a pipe, so that a loop can wait for them with everything else; and what has to be written to the terminal should
/// the program crash.
enum TerminalSignals {
    /// Read by handlers, which may neither allocate nor lock; written before they are there.
    nonisolated(unsafe) private static var pipe: (reading: Int32, writing: Int32) = (-1, -1)
    nonisolated(unsafe) private static var farewell: UnsafeMutableBufferPointer<UInt8> = .init(start: nil, count: 0)
    nonisolated(unsafe) private static var terminal: Int32 = -1
    nonisolated(unsafe) private static var modes = termios()

    /// What the loop is told of.
    static let told = [SIGTERM, SIGHUP, SIGINT, SIGQUIT, SIGTSTP, SIGCONT, SIGWINCH]
    private static let crashes = [SIGSEGV, SIGBUS, SIGILL, SIGTRAP, SIGFPE, SIGABRT, SIGSYS]

    /// From now on the numbers of signals come as bytes of the descriptor that is returned.
    static func open() -> Int32 {
        var ends: [Int32] = [-1, -1]
        guard Glibc.pipe(&ends) == 0 else { return -1 }
        for end in ends {
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
        }
        pipe = (ends[0], ends[1])
        for number in told { handle(number) { TerminalSignals.tell($0) } }
        return ends[0]
    }

    /// Should the program crash, the terminal gets its modes back, and `bytes`.
    static func atCrash(_ terminal: Int32, _ modes: termios, write bytes: [UInt8]) {
        let buffer = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: bytes.count)
        _ = buffer.initialize(from: bytes)
        (self.terminal, self.modes, farewell) = (terminal, modes, buffer)
        for number in crashes { handle(number) { TerminalSignals.crash($0) } }
    }

    /// Stops the process as Ctrl+Z does elsewhere; returns once it goes on, or at once where there is no shell to go on to.
    static func stop() {
        signal(SIGTSTP, SIG_DFL)
        kill(getpid(), SIGTSTP)
        handle(SIGTSTP) { TerminalSignals.tell($0) }
    }

    private static func handle(_ number: Int32, _ handler: @escaping @convention(c) (Int32) -> Void) {
        var action = sigaction()
        action.__sigaction_handler.sa_handler = handler
        action.sa_flags = Int32(SA_RESTART)
        sigaction(number, &action, nil)
    }

    private static func tell(_ number: Int32) {
        let before = errno
        var byte = UInt8(truncatingIfNeeded: number)
        _ = write(pipe.writing, &byte, 1)
        errno = before
    }

    private static func crash(_ number: Int32) {
        _ = write(terminal, farewell.baseAddress, farewell.count)
        tcsetattr(terminal, TCSANOW, &modes)
        signal(number, SIG_DFL)
        raise(number)
    }
}
