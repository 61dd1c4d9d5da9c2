import Glibc
import XPMProtocol

/// Moments as the user's clock shows them.
enum LocalTime {
    /// The seconds of local time before UTC's, at a moment.
    static func zone(at milliseconds: Int64) -> Int64 {
        var (seconds, broken) = (time_t(milliseconds / 1000), tm())
        guard localtime_r(&seconds, &broken) != nil else { return 0 }
        return Int64(broken.tm_gmtoff)
    }

    /// `2026-11-30 10:04:12`, in a zone.
    static func text(_ moment: Timestamp, zone: Int64) -> String {
        let text = Timestamp(milliseconds: moment.milliseconds + zone * 1000).description
        return String(text.prefix(19)).split(separator: "T").joined(separator: " ")
    }
}
