import Glibc
import Logging
import NIOCore
import NIOPosix
import XPMKeeping

/// Tells when files grow: one inotify instance for the whole daemon, on its event loop. What the kernel has no room for is looked at
/// again and again instead, until it has.
final class FileWatch {
    /// What is told of a path.
    enum Interest {
        /// That the file grows.
        case growth
        /// The same, by and by: nobody waits for it.
        case growthInTime
        /// That entries of the folder, or the folder itself, are removed or renamed, or that something is moved there.
        case entries
        /// That files of the folder are made, renamed or removed.
        case names

        fileprivate var mask: UInt32 {
            switch self {
            case .growth, .growthInTime: UInt32(IN_MODIFY)
            case .entries: UInt32(IN_DELETE | IN_DELETE_SELF | IN_MOVED_FROM | IN_MOVED_TO | IN_MOVE_SELF)
            case .names: UInt32(IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_MOVE_SELF)
            }
        }
    }

    /// A file that is watched; watching ends when this is cancelled.
    final class Token {
        fileprivate enum Place: Equatable {
            case watch(CInt)
            /// The kernel has no room for it.
            case polling
            /// There is no file yet.
            case waiting
            case none
        }

        fileprivate let path: String
        fileprivate let interest: Interest
        fileprivate let onChange: () -> Void
        fileprivate var place = Place.none
        private weak var watch: FileWatch?

        fileprivate init(path: String, interest: Interest, watch: FileWatch, onChange: @escaping () -> Void) {
            self.path = path
            self.interest = interest
            self.watch = watch
            self.onChange = onChange
        }

        func cancel() { watch?.remove(self) }
    }

    /// The most watches that the kernel is asked for again at once.
    private static let retries = 64
    /// A lack that comes and goes is not told each time.
    private static let tellInterval = TimeAmount.hours(1)

    /// Where what is watched is in hand while somebody looks at it.
    var recovery: Recovery?
    /// What inotify lacks, while something is looked at for that.
    var shortage: InotifyShortage? { polled.isEmpty ? nil : lacking }
    /// Whether it looks at nothing by itself.
    var isAtRest: Bool { polling.isAtRest }
    private let loop: any EventLoop
    private let logger: Logger
    private let calls: InotifyCalls
    private let pace: FilePolling.Pace
    private let polling: FilePolling
    private var notifications: CInt?
    private var channel: (any Channel)?
    private var watched: [CInt: [Token]] = [:]
    private var polled: [String: [Token]] = [:]
    private var waiting: [String: [Token]] = [:]
    private var lacking = InotifyShortage.instances
    private var told: [InotifyShortage: NIODeadline] = [:]
    /// Whether the last that was told is a lack.
    private var isTold = false
    private var nextTry = NIODeadline.distantPast

    init(
        loop: any EventLoop, logger: Logger, calls: InotifyCalls = InotifyCalls(),
        pace: FilePolling.Pace = FilePolling.Pace()
    ) {
        self.loop = loop
        self.logger = logger
        self.calls = calls
        self.pace = pace
        polling = FilePolling(loop: loop, pace: pace)
        polling.changed = { [unowned self] path in for token in polled[path] ?? [] { tell(token) } }
        polling.beforeRound = { [unowned self] in takeUp() }
        _ = open()
    }

    /// Watches `path`. Throws where the file cannot be watched, as one that is gone.
    ///
    /// inotify_add_watch(2) goes the way to the file on the loop, for a worker has no part in the loop's descriptors. So who calls this has
    /// had a worker go that way just before, unless the path is below one of xpmd's own folders, without which it cannot do anything.
    func watch(_ path: String, for interest: Interest = .growth, onChange: @escaping () -> Void) throws -> Token {
        let token = Token(path: path, interest: interest, watch: self, onChange: onChange)
        let code = add(token)
        guard code == 0 else { throw IOError(errnoCode: code, reason: "inotify_add_watch \(path)") }
        return token
    }

    /// Watches `path`, also one that is not there or cannot be watched yet: that is tried again when `appeared` is told of it.
    func watchLater(_ path: String, onChange: @escaping () -> Void) -> Token {
        let token = Token(path: path, interest: .growth, watch: self, onChange: onChange)
        addLater(token)
        return token
    }

    /// A file is there that may have been asked for before it was.
    func appeared(_ path: String) {
        for token in waiting[path] ?? [] { renew(token) }
    }

    /// Another file has taken the place of `path`: who watches it watches that one from now on.
    func renew(_ path: String) {
        let others = (polled[path] ?? []) + (waiting[path] ?? [])
        for token in watched.values.joined().filter({ $0.path == path }) + others { renew(token) }
    }

    private func renew(_ token: Token) {
        remove(token)
        // Also where that fails: it may appear later.
        addLater(token)
        token.onChange()
    }

    func close() {
        channel?.close(promise: nil)
        polling.end()
    }

    // MARK: Where a file is watched

    private enum Outcome {
        case done
        case short(InotifyShortage)
        /// It is for the file, by the error's number.
        case failed(CInt)
    }

    private func addLater(_ token: Token) {
        guard add(token) != 0 else { return }
        token.place = .waiting
        waiting[token.path, default: []].append(token)
    }

    /// Begins; returns 0, or the error's number where the file can be neither watched nor looked at.
    private func add(_ token: Token) -> CInt {
        switch addWatch(token) {
        case .done: return 0
        case .failed(let code): return code
        case .short(let shortage):
            let group = (polled[token.path] ?? []) + [token]
            let code = polling.add(token.path, isAwaited: group.contains { $0.interest == .growth })
            guard code == 0 else { return code }
            token.place = .polling
            polled[token.path] = group
            note(shortage)
            return 0
        }
    }

    private func addWatch(_ token: Token) -> Outcome {
        guard let notifications = open() else { return .short(.instances) }
        let descriptor = calls.addWatch(notifications, token.path, token.interest.mask)
        guard descriptor >= 0 else {
            let code = errno
            return InotifyShortage(code).map(Outcome.short) ?? .failed(code)
        }
        token.place = .watch(descriptor)
        watched[descriptor, default: []].append(token)
        return .done
    }

    private func remove(_ token: Token) {
        switch token.place {
        case .none: break
        case .waiting: waiting[token.path] = Self.left(of: waiting[token.path], without: token)
        case .polling: endPolling(token)
        case .watch(let descriptor):
            watched[descriptor] = Self.left(of: watched[descriptor], without: token)
            guard watched[descriptor] == nil, let notifications else { break }
            inotify_rm_watch(notifications, descriptor)
            // There is room again.
            nextTry = .distantPast
        }
        token.place = .none
    }

    private func endPolling(_ token: Token) {
        let left = Self.left(of: polled[token.path], without: token)
        polled[token.path] = left
        guard let left else { return polling.remove(token.path) }
        _ = polling.add(token.path, isAwaited: left.contains { $0.interest == .growth })
    }

    private static func left(of group: [Token]?, without token: Token) -> [Token]? {
        let rest = group?.filter { $0 !== token } ?? []
        return rest.isEmpty ? nil : rest
    }

    // MARK: Shortage

    private func note(_ shortage: InotifyShortage) {
        lacking = shortage
        if let last = told[shortage], last + Self.tellInterval > .now() { return }
        (told[shortage], isTold) = (.now(), true)
        logger.warning("\(shortage.consequence)")
    }

    /// Asks the kernel again for what is looked at.
    private func takeUp() {
        guard nextTry <= .now() else { return }
        nextTry = .now() + pace.room
        for token in polled.values.joined().prefix(Self.retries) where token.place == .polling {
            switch addWatch(token) {
            case .short(let shortage): return lacking = shortage
            case .done: endPolling(token)
            case .failed:
                endPolling(token)
                token.place = .waiting
                waiting[token.path, default: []].append(token)
            }
            // Something may have happened before.
            tell(token)
        }
        guard polled.isEmpty else { return nextTry = .distantPast }
        if isTold { logger.notice("all files are watched by inotify again") }
        isTold = false
    }

    // MARK: What the kernel tells

    private func open() -> CInt? {
        if let notifications { return notifications }
        let descriptor = calls.open()
        guard descriptor >= 0 else { return nil }
        notifications = descriptor
        let watch = NIOLoopBound(self, eventLoop: loop)
        NIOPipeBootstrap(group: loop)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(NotificationReader(watch: watch.value))
                }
            }
            .takingOwnershipOfDescriptor(input: descriptor)
            .assumeIsolated()
            .whenSuccess { self.channel = $0 }
        return descriptor
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
        let affected = changed.contains(-1) ? Array(watched.keys) : Array(changed)
        for token in affected.flatMap({ watched[$0] ?? [] }) { tell(token) }
    }

    private func tell(_ token: Token) {
        guard let recovery else { return token.onChange() }
        recovery.take(.log(token.path)) { token.onChange() }
    }
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

extension InotifyShortage {
    /// What is missing, and what that means; a sentence for people.
    var consequence: String {
        "the user has \(description): xpmd looks at some files and folders again and again instead, and notices changes later"
    }
}
