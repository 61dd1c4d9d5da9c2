import CLinux
import Glibc

/// Writes one log: the current file and its sidecar. Belongs to one thread.
final class LogWriter {
    /// What the path led to when it was opened.
    let path: String
    var policy: RotationPolicy
    var header: LogHeader
    var data: OpenFile
    /// Nil where a foreign file has its name, or it could not be made: then nothing has a time, and nothing is rotated.
    var sidecar: Sidecar?
    /// Bytes of the data file, as far as is known here.
    var size: UInt64
    /// Whether the file is empty or ends with a line feed.
    var endsLine: Bool
    /// Numbers of rotated files that may be deleted, oldest first.
    var rotated: [UInt64]
    /// What others did, not told yet.
    var surprises: [Surprise] = []
    /// What went wrong beside the data, not told yet.
    var faults: [String] = []
    /// What is told once, as long as it lasts.
    var obstacles: Set<Obstacle> = []
    /// Not before then it is tried to rotate, CLOCK_BOOTTIME in ns.
    var rotatesAgain: UInt64 = 0
    private(set) var attempt: LogAttempt
    /// What the last logger held back behind lines that it dropped, until the log tells of them.
    var held: (slot: Slot, state: StateFile)?
    /// Which files are to last through a power cut, in somebody else's time.
    let syncer: Syncer?
    private var lookedAt: UInt64 = 0

    /// After how many ns a rotation that failed is tried again.
    static let rotateAgain: UInt64 = 1_000_000_000
    /// How often the path is looked at, in ns, while something is written.
    private static let lookAgain: UInt64 = 1_000_000_000
    /// After how many records the attempt is told again, so that a reader within a long file finds it.
    static let attemptInterval = 64 << 10

    init(_ opened: OpenedLog, policy: RotationPolicy, attempt: LogAttempt, syncer: Syncer?) {
        path = opened.path
        self.policy = policy
        header = opened.header
        data = opened.data
        sidecar = opened.sidecar
        size = opened.size
        endsLine = opened.endsLine
        rotated = opened.rotated
        faults = opened.faults
        self.attempt = attempt
        self.syncer = syncer
    }

    deinit {
        if let held { held.state.giveBack(held.slot) }
    }

    /// The absolute position of the next byte.
    var position: UInt64 { header.base &+ size }

    /// Writes what the log does not have yet of a slot's bytes. An error leaves them in the slot, and the log as far as it came.
    func append(_ slot: Slot) throws(LogFileError) {
        let count = UInt64(slot.count)
        let stamp = slot.stamp
        var done = position &- slot.position
        if stamp.boot &- lookedAt > Self.lookAgain {
            lookedAt = stamp.boot
            if try lookAtPlace() { slot.position = position &- done }
        }
        var isStamped = false
        while done < count {
            let rest = UnsafeRawBufferPointer(start: slot.buffer + Int(done), count: Int(count - done))
            var piece = cut(rest, stamp.wall)
            if piece == 0 {
                if rotateIfPossible() {
                    isStamped = false
                    continue
                }
                piece = rest.count
            }
            if !isStamped {
                try tell(slot.isNote ? .note : .data, stamp)
                isStamped = true
            }
            try write(rest, piece)
            if try mended(upTo: piece) { isStamped = false } else { done += UInt64(piece) }
            // Where others were at the file, the bytes belong elsewhere from now on.
            slot.position = position &- done
        }
    }

    /// Tells of bytes before they come: whoever sees them finds their time. Bytes without a time are better than none, but not where the
    /// reason is a full disk, which has no room for them either.
    private func tell(_ kind: LogRecord.Kind, _ stamp: Stamp) throws(LogFileError) {
        guard let sidecar else { return }
        if sidecar.sinceAttempt >= Self.attemptInterval { addAttempt() }
        sidecar.add(LogRecord(kind, at: size, time: stamp.wall, value: stamp.boot))
        do throws(LogFileError) {
            try sidecar.flush()
        } catch {
            if error.isNoRoom { throw error }
            tellOnce(.times, "has lines without times: \(error.description)")
        }
    }

    /// Writes the records that wait, as far as there is room.
    func flush() {
        do throws(LogFileError) { try sidecar?.flush() } catch {
            if !error.isNoRoom { tellOnce(.times, "has lines without times: \(error.description)") }
        }
    }

    /// What comes from now on is another attempt's, by another policy.
    func begin(_ attempt: LogAttempt, _ policy: RotationPolicy) throws(LogFileError) {
        self.policy = policy
        guard attempt.number > 0, attempt.number != self.attempt.number else { return }
        let before = self.attempt
        self.attempt = attempt
        guard policy.rotatesAtStart, size > 0, sidecar != nil else { return addAttempt() }
        if beganByEmptying() { return }
        do throws(LogFileError) {
            try rotate(keeping: max(policy.count, 1))
        } catch {
            guard error.isNoRoom else {
                tellOnce(.rotation, "cannot be rotated, and goes on in the same file: \(error.detail(of: path))")
                return addAttempt()
            }
            // What comes could not be written either.
            self.attempt = before
            throw error
        }
    }

    /// Notes which attempt it is from here on.
    func addAttempt() {
        if attempt.number > 0 { add(.attempt, value: attempt.number, time: attempt.began) }
    }

    /// Nothing more is written. The log may be opened again from now on, though this is still in somebody's hands.
    func release() {
        flush()
        sidecar?.unlock()
    }

    /// Notes something about the place where the log is now.
    func add(_ kind: LogRecord.Kind, value: UInt64, time: Int64 = Stamp.now.wall) {
        sidecar?.add(LogRecord(kind, at: size, time: time, value: value))
    }

    private func write(_ bytes: UnsafeRawBufferPointer, _ count: Int) throws(LogFileError) {
        var written = 0
        while written < count {
            let result = Glibc.write(data.descriptor, bytes.baseAddress?.advanced(by: written), count - written)
            if result < 0 && errno == EINTR { continue }
            guard result > 0 else { throw LogFileError(cannot: "write \(path)", result < 0 ? errno : ENOSPC) }
            written += result
            size += UInt64(result)
            endsLine = bytes[written - 1] == UInt8(ascii: "\n")
        }
    }

    /// How much of the bytes goes into this file; 0 where it is full, and its last line whole.
    private func cut(_ bytes: UnsafeRawBufferPointer, _ now: Int64) -> Int {
        guard sidecar != nil, size > 0 || policy.size > 0 else { return bytes.count }
        let isOld =
            policy.age > 0 && size > 0 && now / 1_000_000 - header.created / 1_000_000 >= Int64(clamping: policy.age)
        let isLong = policy.size > 0 && size >= policy.size
        if isOld || isLong {
            if endsLine || size > policy.size &+ RotationPolicy.longestLine && isLong { return 0 }
            let line = Int(xpm_after_line(bytes.baseAddress, UInt(bytes.count)))
            return line > 0 ? line : bytes.count
        }
        guard policy.size > 0, policy.size - size < UInt64(bytes.count) else { return bytes.count }
        let room = Int(policy.size - size)
        let lines = Int(xpm_after_last_line(bytes.baseAddress, UInt(room)))
        if lines > 0 { return lines }
        let line = Int(xpm_after_line(bytes.baseAddress, UInt(bytes.count)))
        return line > 0 ? line : bytes.count
    }
}
