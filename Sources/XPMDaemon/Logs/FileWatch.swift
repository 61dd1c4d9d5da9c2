import Glibc
import NIOCore
import NIOPosix

/// Tells when files grow: one inotify instance for the whole daemon, on its event loop.
final class FileWatch {
    /// What is told of a path.
    enum Interest {
        /// That the file grows.
        case growth
        /// That entries of the folder, or the folder itself, are removed or renamed, or that something is moved there.
        case entries

        fileprivate var mask: UInt32 {
            switch self {
            case .growth: UInt32(IN_MODIFY)
            case .entries: UInt32(IN_DELETE | IN_DELETE_SELF | IN_MOVED_FROM | IN_MOVED_TO | IN_MOVE_SELF)
            }
        }
    }

    /// A file that is watched; watching ends when this is cancelled.
    final class Token {
        fileprivate let path: String
        fileprivate let onChange: () -> Void
        fileprivate var descriptor: CInt = -1
        private weak var watch: FileWatch?

        fileprivate init(path: String, watch: FileWatch, onChange: @escaping () -> Void) {
            self.path = path
            self.watch = watch
            self.onChange = onChange
        }

        func cancel() { watch?.remove(self) }
    }

    private let notifications: CInt
    private var channel: (any Channel)?
    private var tokens: [CInt: [Token]] = [:]

    init(loop: any EventLoop) throws {
        notifications = inotify_init1(CInt(IN_CLOEXEC) | CInt(IN_NONBLOCK))
        guard notifications >= 0 else { throw IOError(errnoCode: errno, reason: "inotify_init1") }
        let watch = NIOLoopBound(self, eventLoop: loop)
        NIOPipeBootstrap(group: loop)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(NotificationReader(watch: watch.value))
                }
            }
            .takingOwnershipOfDescriptor(input: notifications)
            .assumeIsolated()
            .whenSuccess { self.channel = $0 }
    }

    /// Watches `path`. Throws where the user's inotify watches are used up or the file is gone.
    func watch(_ path: String, for interest: Interest = .growth, onChange: @escaping () -> Void) throws -> Token {
        let token = Token(path: path, watch: self, onChange: onChange)
        token.descriptor = inotify_add_watch(notifications, path, interest.mask)
        guard token.descriptor >= 0 else { throw IOError(errnoCode: errno, reason: "inotify_add_watch \(path)") }
        tokens[token.descriptor, default: []].append(token)
        return token
    }

    /// Another file has taken the place of `path`: who watches it watches that one from now on.
    func renew(_ path: String) {
        for token in tokens.values.joined() where token.path == path {
            remove(token)
            token.descriptor = inotify_add_watch(notifications, path, UInt32(IN_MODIFY))
            if token.descriptor >= 0 { tokens[token.descriptor, default: []].append(token) }
            token.onChange()
        }
    }

    private func remove(_ token: Token) {
        guard var group = tokens[token.descriptor] else { return }
        group.removeAll { $0 === token }
        if group.isEmpty {
            tokens[token.descriptor] = nil
            inotify_rm_watch(notifications, token.descriptor)
        } else {
            tokens[token.descriptor] = group
        }
    }

    fileprivate func notice(_ buffer: inout ByteBuffer) {
        var changed: Set<CInt> = []
        // struct inotify_event: int wd; uint32_t mask, cookie, len; char name[len]
        while let descriptor = buffer.readInteger(endianness: .host, as: CInt.self),
            buffer.readInteger(as: UInt64.self) != nil,
            let length = buffer.readInteger(endianness: .host, as: UInt32.self)
        {
            buffer.moveReaderIndex(forwardBy: Int(length))
            changed.insert(descriptor)
        }
        // -1 is an overflow of the kernel's queue: everything may have changed.
        let affected = changed.contains(-1) ? Array(tokens.keys) : Array(changed)
        for token in affected.flatMap({ tokens[$0] ?? [] }) { token.onChange() }
    }

    func close() { channel?.close(promise: nil) }
}

private final class NotificationReader: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    private let watch: FileWatch

    init(watch: FileWatch) { self.watch = watch }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var buffer = unwrapInboundIn(data)
        watch.notice(&buffer)
    }
}
