/// The sockets on which attempts say how they are (sd_notify(3)).
struct NotifySockets {
    struct Entry {
        let attempt: UInt64
        let path: String
        let descriptor: Descriptor
        private let identity: FileIdentity?

        init(attempt: UInt64, path: String, descriptor: Descriptor) {
            self.attempt = attempt
            self.path = path
            self.descriptor = descriptor
            identity = FileIdentity(path)
        }

        /// Whether what is said to the path is heard here.
        var isAtItsPath: Bool { identity != nil && FileIdentity(path) == identity }
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

    /// Those whose files have one of the names, all for nil.
    func entries(named names: Set<String>?) -> [UInt64: Entry] {
        guard let names else { return entries }
        let found = names.compactMap { UInt64($0).flatMap { numbers[$0] } }
        return Dictionary(found.compactMap { key in entries[key].map { (key, $0) } }) { $1 }
    }

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
