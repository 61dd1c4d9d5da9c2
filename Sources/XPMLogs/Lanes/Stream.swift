import CLinux
import Glibc

/// One stream of a service: a pipe, and the log that it goes into. Belongs to a lane, and is touched under its lock only; the log by the
/// lane's thread only.
final class Stream {
    let order: TakeOrder
    let pipe: OpenFile
    let pipeInode: UInt64
    /// A pseudo-terminal's master instead of a pipe.
    let isTerminal: Bool
    /// Nil until it could be opened.
    var log: LogWriter?
    /// Written since it was taken.
    var bytes: UInt64 = 0
    /// Lines that were dropped.
    var dropped: UInt64 = 0
    /// Why, as the log will say.
    var cause = DropCause.unknown { didSet { entry?.state.cause = cause } }
    /// What could not be written last; nil while all is well.
    var failure: String?
    /// The keeper knows of it.
    var isFailureTold = false
    /// What could not be written for want of room, and waits for it.
    var held: Slot?
    /// The lines that were dropped, and are not noted, came before what is held.
    var isHeldNewer = false
    /// It fails because there is no room, or no descriptor: that may pass.
    var isWithoutRoom = false
    /// It fails because this process or the system is short of descriptors or memory.
    var isShort = false
    /// It was tried once more since its writers were gone.
    var wasTriedAtEnd = false
    /// Attempts that begin behind so many bytes that are still in the pipe.
    private(set) var begins: [(order: BeginOrder, left: Int)] = []
    /// Bytes that were read since it was taken, dropped ones too.
    private(set) var taken: UInt64 = 0
    /// Since when its pipe has been more than half full and was not read, as far as anybody has looked, CLOCK_BOOTTIME in ns; 0 for no time.
    private var fullSince: UInt64 = 0
    /// Others have made room in its pipe since it was read last.
    private(set) var wasRelieved = false
    /// When it is tried again, CLOCK_BOOTTIME in ns, and after which time then.
    var retryAt: UInt64 = 0
    var retryDelay = Stream.firstDelay

    static let firstDelay: UInt64 = 100_000_000
    static let longestDelay: UInt64 = 5_000_000_000
    /// What a terminal keeps for its reader, and the most that one read of it is asked for.
    static let terminalRoom = 4096

    /// What is dropped and not told of, whatever becomes of this process; nil as long as nothing was.
    var entry: DropEntry?
    /// The same of streams that went into this log before, and cannot tell of it themselves.
    var orphans: [DropEntry] = []
    let drops: DropTable?
    /// Where the table has no room.
    var ownMemory: UnsafeMutableRawPointer?

    init(_ order: TakeOrder, _ pipe: OpenFile, inode: UInt64, drops: DropTable? = nil) {
        self.order = order
        self.pipe = pipe
        pipeInode = inode
        isTerminal = isatty(pipe.descriptor) == 1
        self.drops = drops
        restoreDrops()
    }

    deinit {
        releaseDrops()
        ownMemory?.deallocate()
    }

    var number: UInt64 { order.stream }

    /// How many bytes a read may bring: of a pipe it will, while of a terminal nobody knows before. -1 where nothing can be read any more.
    var available: Int { isTerminal ? Self.terminalRoom : Int(xpm_readable_bytes(pipe.descriptor)) }

    /// Bytes before which another attempt does not begin; nil where none is about to.
    var nextBegin: Int? { begins.first.map { max($0.left, 0) } }

    /// The attempt that begins here, if one does.
    var due: BeginOrder? { begins.first.flatMap { $0.left <= 0 ? $0.order : nil } }

    /// What comes behind all that is in the pipe now is another attempt's.
    func begin(_ order: BeginOrder) {
        begins.append((order, max(Int(xpm_readable_bytes(pipe.descriptor)), 0)))
    }

    /// The attempt that was due has begun.
    func began() {
        // A line of the one before does not go on.
        if begins.first?.left == 0 { isSkipping = false }
        begins.removeFirst()
    }

    /// So many bytes were read.
    func took(_ count: Int, byOthers: Bool = false) {
        taken &+= UInt64(count)
        for index in begins.indices { begins[index].left -= count }
        fullSince = 0
        wasRelieved = byOthers
    }

    /// A longer pipe, where it is more than half full: what nobody reads waits in the kernel, and outlives every process of ours. Where the
    /// user's pipes have too much memory already, or it is a terminal, it stays as it is.
    func widen() {
        guard excess > 0, Int(xpm_pipe_capacity(pipe.descriptor)) < Self.longestPipe else { return }
        _ = fcntl(pipe.descriptor, Self.setPipeSize, Int32(Self.longestPipe))
    }

    /// F_SETPIPE_SZ, which glibc shows to _GNU_SOURCE only, and what it may be without privileges.
    private static let setPipeSize: Int32 = 1031
    static let longestPipe = 1 << 20

    /// What has to go so that the service need not wait; 0 as long as its pipe is not more than half full. The newest lines stay, as far as
    /// they have room there.
    var excess: Int {
        let available = Int(xpm_readable_bytes(pipe.descriptor))
        guard available > Self.terminalRoom / 2 else { return 0 }
        let capacity = max(Int(xpm_pipe_capacity(pipe.descriptor)), Self.terminalRoom)
        return available > capacity / 2 ? available - capacity / 4 : 0
    }

    /// Makes room where nothing can be written: the service must not wait. Whether anything had to go.
    func relieve(_ scratch: UnsafeMutableRawBufferPointer, byOthers: Bool = false) -> Bool {
        let excess = excess
        guard excess > 0 else { return false }
        drop(excess, scratch, byOthers: byOthers)
        return true
    }

    /// The same for a stream whose lane may hang: once its pipe was more than half full for so long, in ns, without being read.
    func relieve(_ scratch: UnsafeMutableRawBufferPointer, at now: UInt64, after patience: UInt64) -> Bool {
        guard excess > 0 else {
            fullSince = 0
            return false
        }
        if fullSince == 0 { fullSince = now }
        guard wasRelieved || now >= fullSince &+ patience else { return false }
        return relieve(scratch, byOthers: true)
    }

    /// Takes so many bytes out of the pipe and drops them.
    func drop(_ count: Int, _ scratch: UnsafeMutableRawBufferPointer, byOthers: Bool = false) {
        var left = count
        while left > 0 {
            beginDropping()
            // Where another attempt begins, its first line does.
            let bound = begins.first { $0.left > 0 }?.left ?? .max
            let got = read(pipe.descriptor, scratch.baseAddress, min(left, scratch.count, bound))
            guard got > 0 else { return endDropping() }
            took(got, byOthers: byOthers)
            drop(UnsafeRawBufferPointer(rebasing: scratch[..<got]))
            if got == bound { isSkipping = false }
            left -= got
        }
    }

    /// Whether all writers are gone.
    var isHungUp: Bool { LogPipe.isHungUp(pipe) }
}
