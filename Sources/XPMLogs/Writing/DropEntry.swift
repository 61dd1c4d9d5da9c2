import CLinux

/// One stream's entry in the table of dropped lines. Each store is whole, whenever the process is killed.
///
/// Both counts only grow: that a note tells of lines is the same however often it is noted.
struct DropEntry {
    /// What is known beside the counts.
    struct State: Equatable {
        /// What comes next in the pipe is the rest of a line that counts as dropped.
        var isSkipping = false
        /// Something is being taken out of the pipe, or of what is held, that does not count yet.
        var isCounting = false
        /// More may have been dropped than is counted.
        var isAtLeast = false
        var cause = DropCause.unknown
    }

    static let length = 64
    let index: Int
    private let place: UnsafeMutablePointer<UInt64>

    init(_ index: Int, _ start: UnsafeMutableRawPointer) {
        self.index = index
        place = start.assumingMemoryBound(to: UInt64.self)
    }

    /// The log, by `key`; 0 for none.
    var path: UInt64 { xpm_load(place) }
    var pipe: UInt64 { xpm_load(place + 1) }

    /// Lines that were dropped, ever since.
    var dropped: UInt64 {
        get { xpm_load(place + 2) }
        nonmutating set { xpm_store(place + 2, newValue) }
    }

    /// As many of them the log tells of.
    private(set) var noted: UInt64 {
        get { xpm_load(place + 3) }
        nonmutating set { xpm_store(place + 3, newValue) }
    }

    var state: State {
        get {
            let word = xpm_load(place + 4)
            return State(
                isSkipping: word & 1 != 0, isCounting: word & 2 != 0, isAtLeast: word & 4 != 0,
                cause: DropCause(code: UInt32(truncatingIfNeeded: word >> 32)))
        }
        nonmutating set {
            let flags: UInt64 = (newValue.isSkipping ? 1 : 0) | (newValue.isCounting ? 2 : 0)
            xpm_store(place + 4, flags | (newValue.isAtLeast ? 4 : 0) | UInt64(newValue.cause.code) << 32)
        }
    }

    /// When the first of the lines was dropped that the log does not tell of.
    var stamp: Stamp {
        get { Stamp(wall: Int64(bitPattern: xpm_load(place + 5)), boot: xpm_load(place + 6)) }
        nonmutating set {
            xpm_store(place + 5, UInt64(bitPattern: newValue.wall))
            xpm_store(place + 6, newValue.boot)
        }
    }

    /// Lines that the log does not tell of. What a file says that is damaged is no reason to trap.
    var unnoted: UInt64 { dropped >= noted ? min(dropped - noted, 1 << 60) : 0 }

    var isInUse: Bool { unnoted > 0 || state.isSkipping || state.isCounting }

    /// The log tells of all that had been dropped by then.
    func note(upTo count: UInt64) { noted = max(noted, count) }

    /// It becomes another stream's.
    func give(to path: UInt64, pipe: UInt64) {
        state = State()
        xpm_store(place, path)
        xpm_store(place + 1, pipe)
    }

    func clear() { for word in 0..<Self.length / 8 { xpm_store(place + word, 0) } }

    /// FNV-1a of the path, never 0.
    static func key(_ path: String) -> UInt64 {
        let hash = path.utf8.reduce(0xCBF2_9CE4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
        return max(hash, 1)
    }
}
