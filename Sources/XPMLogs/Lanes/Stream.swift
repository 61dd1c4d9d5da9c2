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
    /// When it is tried again, CLOCK_BOOTTIME in ns, and after which time then.
    var retryAt: UInt64 = 0
    var retryDelay = Stream.firstDelay

    static let firstDelay: UInt64 = 100_000_000
    static let longestDelay: UInt64 = 5_000_000_000

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

    /// The log tells of what was dropped.
    func markNoted() {
        unnoted = 0
        entry?.lines = 0
        entry = nil
    }

    /// Makes room where nothing can be written: the service must not wait. The newest lines stay in the pipe, which holds them as long as
    /// they have room there. Whether anything had to go.
    func relieve(_ scratch: UnsafeMutableRawBufferPointer) -> Bool {
        let available = Int(xpm_readable_bytes(pipe.descriptor))
        let capacity = max(Int(xpm_pipe_capacity(pipe.descriptor)), 4096)
        guard available > capacity / 2 else { return false }
        drop(available - capacity / 4, scratch)
        return true
    }

    /// Takes so many bytes out of the pipe and drops them.
    func drop(_ count: Int, _ scratch: UnsafeMutableRawBufferPointer) {
        var left = count
        while left > 0 {
            let got = read(pipe.descriptor, scratch.baseAddress, min(left, scratch.count))
            guard got > 0 else { return }
            drop(UnsafeRawBufferPointer(rebasing: scratch[..<got]))
            left -= got
        }
    }

    /// Whether all writers are gone and nothing is left of theirs.
    var isAtEnd: Bool {
        guard isHungUp else { return false }
        return xpm_readable_bytes(pipe.descriptor) <= 0
    }

    /// Whether all writers are gone.
    var isHungUp: Bool {
        var state = pollfd(fd: pipe.descriptor, events: 0, revents: 0)
        return poll(&state, 1, 0) == 1 && Int32(state.revents) & (POLLHUP | POLLERR | POLLNVAL) != 0
    }

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
