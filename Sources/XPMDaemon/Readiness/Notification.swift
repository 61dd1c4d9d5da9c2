import XPMProtocol

/// What a service says of itself in one datagram, or in several that came at once, in the form of sd_notify(3): lines of
/// `VARIABLE=value`.
struct Notification: Hashable {
    var isReady = false
    var isStopping = false
    var status: String?
    var url: String?
    /// Why the URL that it told is not taken, a phrase.
    var urlFault: String?
    /// Why it is about to fail.
    var error: String?
    var mainPid: Int32?
    /// It is alive.
    var isAlive = false
    /// It knows itself that it does not work any more.
    var isBroken = false
    /// From now on it says every so often that it is alive.
    var watchdog: Duration?
    /// It needs so much time from now on for what it is doing.
    var moreTime: Duration?
    /// It asks to keep descriptors for it, which nobody does.
    var asksForStore = false

    /// Whatever else is said is passed over: a datagram may have thousands of lines.
    private static let known: Set<Substring> = [
        "READY", "STOPPING", "STATUS", "X_XPM_ERROR", "X_XPM_URL", "MAINPID", "WATCHDOG", "WATCHDOG_USEC",
        "EXTEND_TIMEOUT_USEC", "FDSTORE",
    ]

    /// Longer texts are cut: they are for one line.
    private static let textLimit = 512

    init(_ text: String) {
        for line in text.utf8.split(separator: UInt8(ascii: "\n")).map(Substring.init) {
            guard let sign = line.utf8.firstIndex(of: UInt8(ascii: "=")), CombiningMarks.areBounded(in: line[..<sign]),
                Self.known.contains(line[..<sign]), CombiningMarks.areBounded(in: line)
            else { continue }
            take(line[..<sign], line[line.utf8.index(after: sign)...])
        }
        // Looking at it takes longer than at all else: only what counts is.
        if let told = url {
            urlFault = WebAddress.fault(told)
            url = urlFault == nil ? told : nil
        }
    }

    private mutating func take(_ name: Substring, _ value: Substring) {
        switch name {
        // Said once and not taken back.
        case "READY": isReady = isReady || value == "1"
        case "STOPPING": isStopping = isStopping || value == "1"
        case "STATUS": status = value.prefix(bytes: Self.textLimit)
        case "X_XPM_ERROR": error = value.isEmpty ? nil : value.prefix(bytes: Self.textLimit)
        case "X_XPM_URL" where !value.isEmpty: url = String(value)
        case "MAINPID": mainPid = Int32(value).flatMap { $0 > 1 ? $0 : nil }
        case "WATCHDOG":
            isAlive = isAlive || value == "1"
            isBroken = isBroken || value == "trigger"
        case "WATCHDOG_USEC": watchdog = Self.microseconds(value)
        case "EXTEND_TIMEOUT_USEC": moreTime = [moreTime, Self.microseconds(value)].compactMap(\.self).max()
        case "FDSTORE": asksForStore = asksForStore || value == "1"
        default: break
        }
    }

    /// Some 32 years; more is taken for as much.
    private static let mostMicroseconds: UInt64 = 1_000_000_000_000_000

    private static func microseconds(_ value: Substring) -> Duration? {
        let isNumber = !value.isEmpty && value.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        guard isNumber, case let number = min(UInt64(value) ?? .max, mostMicroseconds), number > 0 else { return nil }
        return .microseconds(number)
    }
}
