/// What is known of a byte of a log.
struct RecordState: Equatable {
    /// 0 where no record tells.
    var attempt: UInt64 = 0
    /// When the attempt began, in µs since 1970; 0 where no record tells.
    var began: Int64 = 0
    var time: Int64 = 0
    var boot: UInt64 = 0
    var isNote = false
    var isEstimated = false
    /// Lines that were dropped since the last line that was given out.
    var dropped: UInt64 = 0
    /// The last record of such lines: a logger that could not tell of them tries again there.
    private var lastDrop: LogRecord?

    init(attempt: UInt64 = 0, began: Int64 = 0, time: Int64 = 0, isEstimated: Bool = false) {
        (self.attempt, self.began, self.time, self.isEstimated) = (attempt, began, time, isEstimated)
    }

    var order: LogOrder { LogOrder(attempt: attempt, boot: boot, time: time) }

    /// Years 1 to 9999: what is beyond comes from no clock, and those who show it need not be able to.
    private static let possible: ClosedRange<Int64> = -62_135_596_800_000_000...253_402_300_799_999_999

    /// A time as it may be given out.
    static func bounded(_ time: Int64) -> Int64 { min(max(time, possible.lowerBound), possible.upperBound) }

    /// Goes over a record. Whether an unfinished line ends there: it will never be continued, or something else stands between.
    mutating func apply(_ record: LogRecord) -> Bool {
        let time = Self.bounded(record.time)
        switch record.kind {
        case .data, .note:
            let wasNote = isNote
            isNote = record.kind == .note
            (self.time, boot, isEstimated) = (time, record.value, false)
            return isNote || wasNote
        case .attempt:
            // It may be told again, at the beginning of a file, say.
            let isOther = record.value != attempt
            (attempt, began) = (record.value, time)
            return isOther
        case .dropped:
            if let lastDrop, lastDrop.offset == record.offset { dropped -= min(dropped, lastDrop.value) }
            lastDrop = record
            dropped = dropped.addingReportingOverflow(record.value).overflow ? .max : dropped + record.value
            return true
        case .ended: return true
        }
    }
}
