import CLinux
import Glibc

/// Where bytes are between a pipe and a file: in memory that outlives the process.
///
/// read(2) takes bytes out of a pipe for good, so it reads into this. Three things tell after a SIGKILL what had happened: the phase, the
/// mark that the buffer begins with until a read has overwritten it, and the absolute position where the bytes belong, to be compared
/// with the log's end. A system call is carried out wholly or not at all before a SIGKILL takes effect.
struct Slot {
    /// What the slot's bytes are.
    enum Phase: UInt64 {
        /// None.
        case idle = 0
        /// Those of a read that may have happened: it has where the mark is gone.
        case reading = 1
        /// On their way into the file, which may have them in part or all.
        case writing = 2
    }

    /// Bytes of the buffer: a pipe's usual capacity.
    static let capacity = 64 << 10
    static let length = headLength + capacity
    /// From so many bytes on, a mark can't be what is read, by chance.
    static let markLength = 16

    private static let headLength = 8192
    private static let pathOffset = 128
    static let longestPath = 4096

    let index: Int
    private let start: UnsafeMutableRawPointer

    init(_ index: Int, _ start: UnsafeMutableRawPointer) {
        self.index = index
        self.start = start
    }

    /// The bytes.
    var buffer: UnsafeMutableRawPointer { start + Self.headLength }

    var phase: Phase {
        get { Phase(rawValue: word(0)) ?? .idle }
        nonmutating set { xpm_store(place(0), newValue.rawValue) }
    }

    /// The log's id.
    var logID: UInt64 {
        get { word(1) }
        nonmutating set { xpm_store(place(1), newValue) }
    }

    /// The absolute position of the first byte in the log.
    var position: UInt64 {
        get { word(2) }
        nonmutating set { xpm_store(place(2), newValue) }
    }

    /// How many bytes; never beyond the buffer, whatever the file says.
    var count: Int {
        get { Int(min(word(3), UInt64(Self.capacity))) }
        nonmutating set { xpm_store(place(3), UInt64(newValue)) }
    }

    /// When they came.
    var stamp: Stamp {
        get { Stamp(wall: Int64(bitPattern: word(4)), boot: word(5)) }
        nonmutating set {
            xpm_store(place(4), UInt64(bitPattern: newValue.wall))
            xpm_store(place(5), newValue.boot)
        }
    }

    var isNote: Bool {
        get { word(6) != 0 }
        nonmutating set { xpm_store(place(6), newValue ? 1 : 0) }
    }

    /// What comes first in it is the rest of a line that was dropped, and not taken off yet.
    var skips: Bool {
        get { word(10) & 1 != 0 }
        nonmutating set { xpm_store(place(10), word(10) & ~1 | (newValue ? 1 : 0)) }
    }

    /// It came after lines that were dropped, and that the log does not tell of yet.
    var isBehindDrops: Bool {
        get { word(10) & 2 != 0 }
        nonmutating set { xpm_store(place(10), word(10) & ~2 | (newValue ? 2 : 0)) }
    }

    /// The number of its stream's entry in the table of dropped lines; -1 for none.
    var drops: Int { Int(clamping: word(11)) - 1 }

    /// The lines that a note tells of: all that had been dropped by then.
    var noted: UInt64 { word(12) }

    /// How much at its beginning is the rest of a dropped line, and is not written.
    var passed: Int {
        get { Int(min(word(13), UInt64(count))) }
        nonmutating set { xpm_store(place(13), UInt64(newValue)) }
    }

    /// Only while idle.
    func setDrops(_ entry: Int, skips: Bool, noted: UInt64 = 0) {
        xpm_store(place(11), UInt64(max(entry + 1, 0)))
        xpm_store(place(12), noted)
        passed = 0
        xpm_store(place(10), skips ? 1 : 0)
    }

    /// Whose: the log's path, so that it is found even if nobody hands its stream over again.
    var path: String {
        let bytes = UnsafeRawBufferPointer(start: start + Self.pathOffset, count: Self.longestPath)
        return String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }

    /// Only while idle.
    func setPath(_ path: String) {
        var path = path
        path.withUTF8 { bytes in
            let count = min(bytes.count, Self.longestPath - 1)
            if let source = bytes.baseAddress { memcpy(start + Self.pathOffset, source, count) }
            start.storeBytes(of: 0, toByteOffset: Self.pathOffset + count, as: UInt8.self)
        }
    }

    /// Takes over what another slot has of a log, from so many bytes on. Between this and its forgetting them both have them, which does no
    /// harm: whoever goes on from there sees what is written.
    func copy(_ other: Slot, from done: Int) {
        phase = .idle
        logID = other.logID
        setPath(other.path)
        count = other.count - done
        position = other.position &+ UInt64(done)
        stamp = other.stamp
        isNote = other.isNote
        setDrops(other.drops, skips: false)
        memcpy(buffer, other.buffer + done, count)
        phase = .writing
    }

    /// Puts the mark where a read of `count` bytes will begin. `first` is the byte that will come, for a read that is shorter than the
    /// mark: it gets another one.
    ///
    /// A terminal does not tell how much there is, and shows no byte before: its mark is as long as the read, so that what is left of it
    /// tells how much came. It is of bytes that no UTF-8 has: the last ones that came cannot pass for it.
    func mark(_ value: UInt64, first: UInt8?, isWhole: Bool = false) {
        let foreign: UInt64 = isWhole ? 0xF8F8_F8F8_F8F8_F8F8 : 0
        for place in stride(from: 0, to: isWhole ? count : Self.markLength, by: Self.markLength) {
            buffer.storeBytes(of: value | foreign, toByteOffset: place, as: UInt64.self)
            buffer.storeBytes(of: ~value | foreign, toByteOffset: place + 8, as: UInt64.self)
        }
        xpm_store(place(9), isWhole ? 1 : 0)
        if let first { buffer.storeBytes(of: ~first, as: UInt8.self) }
        xpm_store(place(7), buffer.load(as: UInt64.self))
        xpm_store(place(8), buffer.load(fromByteOffset: 8, as: UInt64.self))
    }

    /// Whether nothing was read over it.
    var hasMark: Bool {
        if word(9) == 1 { return count == 0 }
        let marks = (word(7), word(8))
        let isShort = count < Self.markLength
        if isShort { return buffer.load(as: UInt8.self) == UInt8(truncatingIfNeeded: marks.0) }
        return buffer.load(as: UInt64.self) == marks.0 && buffer.load(fromByteOffset: 8, as: UInt64.self) == marks.1
    }

    /// Takes off what of a whole mark no read has overwritten.
    func trimMark() {
        guard word(9) == 1 else { return }
        let (low, high) = (word(7), word(8))
        var end = count
        while end > 0 {
            let index = (end - 1) % Self.markLength
            let mark = UInt8(truncatingIfNeeded: (index < 8 ? low : high) >> UInt64(index % 8 * 8))
            guard buffer.load(fromByteOffset: end - 1, as: UInt8.self) == mark else { break }
            end -= 1
        }
        count = end
    }

    /// Keeps the pages where they are, so that no read(2) into them is cut short; as far as the limit for that allows.
    func pin() {
        _ = mlock(start, Self.length)
        for offset in stride(from: 0, to: Self.length, by: 4096) {
            let byte = start.load(fromByteOffset: offset, as: UInt8.self)
            start.storeBytes(of: byte, toByteOffset: offset, as: UInt8.self)
        }
    }

    private func place(_ index: Int) -> UnsafeMutablePointer<UInt64> {
        (start + index * 8).assumingMemoryBound(to: UInt64.self)
    }

    private func word(_ index: Int) -> UInt64 { xpm_load(place(index)) }
}
