import CLinux
import Glibc
import NIOCore
import NIOPosix
import XPMKeeping

/// Signals as bytes on the event loop.
enum SignalWatch {
    /// What asks the daemon to end.
    private static let ending = [SIGTERM, SIGINT, SIGQUIT]
    /// What tells of a fault in the program, cannot be caught, or belongs to a shell's job control.
    private static let untouched: Set<CInt> = [
        SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSEGV, SIGSYS, SIGKILL, SIGSTOP, SIGCONT, SIGTSTP, SIGTTIN, SIGTTOU,
    ]

    /// Blocks the signals that end the daemon, for this thread and those that it makes; ignores all others that would end
    /// it and mean nothing to it. What was inherited counts for nothing.
    static func prepare() {
        // With SIGCHLD ignored the kernel reaps the keeper, the only child, and as process 1 of a container all orphans.
        for number in 1...SignalNumber.last where !untouched.contains(number) { signal(number, SIG_IGN) }
        // A signal that is ignored as well as blocked is thrown away.
        for number in ending { signal(number, SIG_DFL) }
        var mask = endingMask
        pthread_sigmask(SIG_SETMASK, &mask, nil)
    }

    private static var endingMask: sigset_t {
        var mask = sigset_t()
        sigemptyset(&mask)
        for number in ending { sigaddset(&mask, number) }
        return mask
    }

    /// Calls `onSignal` on the loop for each signal that asks the daemon to end.
    static func start(loop: any EventLoop, onSignal: @escaping () -> Void) throws {
        var mask = endingMask
        let descriptor = signalfd(-1, &mask, CInt(SFD_CLOEXEC) | CInt(SFD_NONBLOCK))
        guard descriptor >= 0 else { throw IOError(errnoCode: errno, reason: "signalfd") }
        let reader = NIOLoopBound(SignalReader(onSignal: onSignal), eventLoop: loop)
        NIOPipeBootstrap(group: loop)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(reader.value) }
            }
            .takingOwnershipOfDescriptor(input: descriptor)
            .whenFailure { _ in }
    }
}

private final class SignalReader: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    private let onSignal: () -> Void

    init(onSignal: @escaping () -> Void) { self.onSignal = onSignal }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) { onSignal() }
}
