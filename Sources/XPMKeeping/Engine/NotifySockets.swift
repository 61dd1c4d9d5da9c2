/// The sockets on which attempts say how they are (sd_notify(3)).
struct NotifySockets {
    struct Entry {
        let attempt: UInt64
        let path: String
        let descriptor: Descriptor
    }

    static let textLimit = 8 << 10
    /// A flood of one attempt delays nobody else.
    static let perTurn = 64
    /// More than a socket holds where net.unix.max_dgram_qlen is what systemd makes of it.
    static let atTheEnd = 1024

    private(set) var entries: [UInt64: Entry] = [:]
    private var numbers: [UInt64: UInt64] = [:]

    /// By attempt.
    func source(of attempt: UInt64) -> UInt64? { numbers[attempt] }

    mutating func add(_ number: UInt64, _ entry: Entry) {
        entries[number] = entry
        numbers[entry.attempt] = number
    }

    mutating func remove(_ number: UInt64) -> Entry? {
        let entry = entries.removeValue(forKey: number)
        if let entry { numbers[entry.attempt] = nil }
        return entry
    }
}
