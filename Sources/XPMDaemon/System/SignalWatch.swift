import CLinux
import Glibc
import NIOCore
import NIOPosix

/// Signals as bytes on the event loop.
enum SignalWatch {
    /// Blocks the signals that end the daemon, for this thread and those that it makes; ignores those that mean nothing to it.
    static func prepare() {
        // With SIGCHLD ignored the kernel reaps the keeper, the only child.
        for number in [SIGPIPE, SIGCHLD, SIGHUP] { signal(number, SIG_IGN) }
        var mask = ending
        pthread_sigmask(SIG_BLOCK, &mask, nil)
    }

    private static var ending: sigset_t {
        var mask = sigset_t()
        sigemptyset(&mask)
        sigaddset(&mask, SIGTERM)
        sigaddset(&mask, SIGINT)
        return mask
    }

    /// Calls `onSignal` on the loop for SIGTERM and SIGINT.
    static func start(loop: any EventLoop, onSignal: @escaping () -> Void) throws {
        var mask = ending
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
