import XPMProtocol

/// What a service says of itself in one datagram, in the form of sd_notify(3): lines of `VARIABLE=value`.
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

    /// Longer texts are cut: they are for one line.
    private static let textLimit = 512

    init(_ text: String) {
        for line in text.split(separator: "\n") {
            guard let split = line.firstIndex(of: "=") else { continue }
            let value = line[line.index(after: split)...]
            switch line[..<split] {
            case "READY": isReady = value == "1"
            case "STOPPING": isStopping = value == "1"
            case "STATUS": status = String(value.prefix(Self.textLimit))
            case "X_XPM_ERROR": error = value.isEmpty ? nil : String(value.prefix(Self.textLimit))
            case "X_XPM_URL" where !value.isEmpty:
                urlFault = WebAddress.fault(String(value))
                url = urlFault == nil ? String(value) : nil
            case "MAINPID": mainPid = Int32(value).flatMap { $0 > 1 ? $0 : nil }
            case "WATCHDOG":
                isAlive = value == "1"
                isBroken = value == "trigger"
            case "WATCHDOG_USEC": watchdog = Self.microseconds(value)
            case "EXTEND_TIMEOUT_USEC": moreTime = Self.microseconds(value)
            case "FDSTORE": asksForStore = value == "1"
            default: break
            }
        }
    }

    private static func microseconds(_ value: Substring) -> Duration? {
        guard let number = Int64(value), number > 0, number <= 1_000_000_000_000_000 else { return nil }
        return .microseconds(number)
    }
}
