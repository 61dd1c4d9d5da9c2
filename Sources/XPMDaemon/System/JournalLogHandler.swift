import CSystemd
import Glibc
import Logging

/// Log lines as entries of the journal, with their level as priority; elsewhere swift-log's own handler writes to standard error.
struct JournalLogHandler: LogHandler {
    var metadata: Logger.Metadata = [:]
    var logLevel: Logger.Level = .info

    /// Whether standard error is a stream of the journal, as systemd announces by JOURNAL_STREAM (`device:inode`).
    static var isAvailable: Bool {
        guard let announced = getenv("JOURNAL_STREAM") else { return false }
        var status = stat()
        guard fstat(STDERR_FILENO, &status) == 0 else { return false }
        return String(cString: announced) == "\(status.st_dev):\(status.st_ino)"
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let fields = fields(of: event)
        let texts = fields.map { strdup($0) }
        defer { texts.forEach { free($0) } }
        let entries = texts.map { iovec(iov_base: $0, iov_len: $0.map { strlen($0) } ?? 0) }
        sd_journal_sendv(entries, CInt(entries.count))
    }

    /// The entry's fields; metadata `service` and `experiment` become `XPM_SERVICE=` and `XPM_EXPERIMENT=`, and so on.
    func fields(of event: LogEvent) -> [String] {
        var fields = ["MESSAGE=\(event.message)", "PRIORITY=\(event.level.priority)", "SYSLOG_IDENTIFIER=xpmd"]
        for (key, value) in metadata.merging(event.metadata ?? [:], uniquingKeysWith: { $1 }) {
            fields.append("XPM_\(key.uppercased())=\(value)")
        }
        return fields
    }
}

extension Logger.Level {
    /// syslog's numbers.
    fileprivate var priority: Int {
        switch self {
        case .critical: 2
        case .error: 3
        case .warning: 4
        case .notice: 5
        case .info: 6
        case .debug, .trace: 7
        }
    }
}
