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
    /// Lines that were dropped, and those of them that the log does not tell of yet.
    private(set) var dropped: UInt64 = 0
    private(set) var unnoted: UInt64 = 0
    /// Why, as the log will say.
    var cause = ""
    /// What comes next is the rest of a line that counts as dropped.
    var isSkipping = false
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

    /// Where the number of lines is that are not noted, whatever becomes of this process.
    private var entry: DropTable.Entry?
    private let drops: DropTable?

    init(_ order: TakeOrder, _ pipe: OpenFile, inode: UInt64, drops: DropTable? = nil) {
        self.order = order
        self.pipe = pipe
        pipeInode = inode
        isTerminal = isatty(pipe.descriptor) == 1
        self.drops = drops
        // Of a stream before it, or this one with another logger.
        entry = drops?.find(order.path)
        unnoted = entry?.lines ?? 0
        dropped = unnoted
        if unnoted > 0 { cause = "they could not be written" }
    }

    var number: UInt64 { order.stream }

    /// Counts the lines of bytes that are not written.
    func drop(_ bytes: UnsafeRawBufferPointer) {
        guard let last = bytes.last else { return }
        var lines = UInt64(xpm_count_lines(bytes.baseAddress, UInt(bytes.count)))
        if isSkipping && lines > 0 {
            lines -= 1
            isSkipping = false
        }
        if last != UInt8(ascii: "\n") && !isSkipping {
            lines += 1
            isSkipping = true
        }
        guard lines > 0 else { return }
        dropped += lines
        unnoted += lines
        if entry == nil { entry = drops?.make(order.path) }
        entry?.lines = unnoted
    }

    /// The log tells of so many of the lines that were dropped; more may have been meanwhile.
    func markNoted(_ lines: UInt64) {
        unnoted -= min(lines, unnoted)
        entry?.lines = unnoted
        if unnoted == 0 { entry = nil }
    }

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
    func began() { begins.removeFirst() }

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
            let got = read(pipe.descriptor, scratch.baseAddress, min(left, scratch.count))
            guard got > 0 else { return }
            took(got, byOthers: byOthers)
            drop(UnsafeRawBufferPointer(rebasing: scratch[..<got]))
            left -= got
        }
    }

    /// Whether all writers are gone.
    var isHungUp: Bool { LogPipe.isHungUp(pipe) }

    /// What the log says of lines that it does not have.
    var note: String {
        "[xpmd: \(Self.grouped(unnoted)) \(unnoted == 1 ? "line" : "lines") dropped: \(cause)]\n"
    }

    /// 1,234,567.
    private static func grouped(_ number: UInt64) -> String {
        let digits = Array(String(number))
        var text = ""
        for (index, digit) in digits.enumerated() {
            if index > 0 && (digits.count - index) % 3 == 0 { text += "," }
            text.append(digit)
        }
        return text
    }
}
