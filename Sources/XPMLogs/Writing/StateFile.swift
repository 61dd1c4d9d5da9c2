import CLinux
import Glibc

/// `logger.state`: what a logger was doing, mapped into memory, so that the next one finds it whatever ended this one.
///
/// It has a slot for each thread that writes. What it says is worthless after a power cut, for the pipes are gone then, too, and the logs
/// may be shorter: one of another boot of the machine is begun anew.
final class StateFile: @unchecked Sendable {
    /// How many threads can write at once.
    static let slotCount = 32
    static let version: UInt64 = 0x32_5453_474F_4C58

    private let start: UnsafeMutableRawPointer
    private let file: OpenFile
    // Under the lock only. A slot belongs to who has taken it.
    private var isTaken: [Bool]
    private let lock = Lock()

    /// Where `DropTable` begins.
    private static let dropsOffset = 4096 + slotCount * Slot.length
    private static let length = dropsOffset + DropTable.length
    /// Lines that are not in their logs.
    let drops: DropTable

    /// Opens or makes the file. One of another version or boot is begun anew.
    init(_ path: String) throws(LogFileError) {
        file = try OpenFile.open(path, O_RDWR | O_CREAT | O_NOFOLLOW)
        guard ftruncate(file.descriptor, off_t(Self.length)) == 0 else {
            throw LogFileError(cannot: "size \(path)", errno)
        }
        // A store into a page that the file system has no room for would end the process.
        var error = posix_fallocate(file.descriptor, 0, 4096 + off_t(Slot.length))
        if error == 0 { error = posix_fallocate(file.descriptor, off_t(Self.dropsOffset), off_t(DropTable.length)) }
        guard error == 0 else { throw LogFileError(cannot: "make room for \(path)", error) }
        guard let start = mmap(nil, Self.length, PROT_READ | PROT_WRITE, MAP_SHARED, file.descriptor, 0),
            start != MAP_FAILED
        else { throw LogFileError(cannot: "map \(path)", errno) }
        self.start = start
        drops = DropTable(start + Self.dropsOffset)
        isTaken = Array(repeating: false, count: Self.slotCount)
        let version = start.assumingMemoryBound(to: UInt64.self)
        let boot = Self.boot
        if xpm_load(version) != Self.version || xpm_load(version + 1) != boot {
            for index in 0..<Self.slotCount where isBacked(index) { slot(index).phase = .idle }
            drops.clear()
            xpm_store(version + 1, boot)
            xpm_store(version, Self.version)
        }
    }

    /// A number of this boot of the machine.
    private static var boot: UInt64 {
        let file = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC)
        defer { close(file) }
        var text = [UInt8](repeating: 0, count: 64)
        let count = max(0, read(file, &text, text.count))
        return text[..<count].reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    }

    /// Takes the slots in which a logger before this one left something, of those that are wanted.
    func takeUnfinished(_ isWanted: (Slot) -> Bool) -> [Slot] {
        lock.lock()
        defer { lock.unlock() }
        let found = (0..<Self.slotCount).filter { !isTaken[$0] && isBacked($0) }.map(slot).filter {
            $0.phase != .idle && isWanted($0)
        }
        for slot in found { isTaken[slot.index] = true }
        // In the order in which they are to be written.
        return found.sorted { $0.position < $1.position }
    }

    /// Of which logs a logger before this one left something.
    func unfinishedPaths() -> [String] {
        lock.lock()
        defer { lock.unlock() }
        return (0..<Self.slotCount).filter { !isTaken[$0] && isBacked($0) }.map(slot).filter { $0.phase != .idle }.map(
            \.path)
    }

    /// A free slot for a thread, or for bytes that wait; nil where all but `rest` are in use, or there is no room for one more.
    func take(leaving rest: Int = 0) -> Slot? {
        lock.lock()
        defer { lock.unlock() }
        guard rest == 0 || isTaken.count(where: { !$0 }) > rest else { return nil }
        for index in 0..<Self.slotCount where !isTaken[index] {
            if !isBacked(index) {
                let place = 4096 + off_t(index * Slot.length)
                guard posix_fallocate(file.descriptor, place, off_t(Slot.length)) == 0 else { return nil }
                markBacked(index)
            }
            let slot = slot(index)
            guard slot.phase == .idle else { continue }
            isTaken[index] = true
            slot.pin()
            return slot
        }
        return nil
    }

    func giveBack(_ slot: Slot) {
        lock.lock()
        isTaken[slot.index] = false
        lock.unlock()
    }

    private func slot(_ index: Int) -> Slot {
        Slot(index, start + 4096 + index * Slot.length)
    }

    /// A byte for each slot that the file has room for; the first always has.
    private func isBacked(_ index: Int) -> Bool {
        index == 0 || start.load(fromByteOffset: 64 + index, as: UInt8.self) == 1
    }

    private func markBacked(_ index: Int) {
        start.storeBytes(of: 1, toByteOffset: 64 + index, as: UInt8.self)
    }
}
