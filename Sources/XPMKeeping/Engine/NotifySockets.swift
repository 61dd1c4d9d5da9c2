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
    /// A flood of one attempt delays nobody else: it is heard so many times in so many milliseconds.
    static let (perWindow, window) = (64, Int64(5))
    /// More than a socket holds where net.unix.max_dgram_qlen is what systemd makes of it.
    static let atTheEnd = 1024

    private(set) var entries: [UInt64: Entry] = [:]
    private var numbers: [UInt64: UInt64] = [:]
    /// How often those were heard who have said something, in a window of time that ends then.
    private var windows: [UInt64: (heard: Int, end: Int64)] = [:]
    /// Those who are not heard before the end of theirs.
    private var resting: Set<UInt64> = []

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
        windows[number] = nil
        resting.remove(number)
        return entry
    }

    // MARK: Who says much

    /// How many datagrams more may be heard now; nil where it rests.
    mutating func mayHear(_ number: UInt64, at now: Int64) -> Int? {
        guard entries[number] != nil, !resting.contains(number) else { return nil }
        if windows[number].map({ $0.end <= now }) ?? true { windows[number] = (0, now + Self.window) }
        return windows[number].map { Self.perWindow - $0.heard }
    }

    /// So many were. It rests once that is all that may be.
    mutating func heard(_ number: UInt64, _ count: Int) {
        windows[number]?.heard += count
        if let window = windows[number], window.heard >= Self.perWindow { resting.insert(number) }
    }

    func isResting(_ number: UInt64) -> Bool { resting.contains(number) }

    /// How long until the first of those who rest is heard again, in milliseconds.
    func patience(at now: Int64) -> Int32? {
        resting.compactMap { windows[$0]?.end }.min().map { Int32(clamping: max(0, $0 - now)) }
    }

    /// Those whose rest is over.
    mutating func endRests(at now: Int64) -> [UInt64] {
        let over = resting.filter { number in windows[number].map { $0.end <= now } ?? true }
        resting.subtract(over)
        return Array(over)
    }
}
