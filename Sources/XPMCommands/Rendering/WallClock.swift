import Glibc
import XPMProtocol

/// How moments are shown to people: in RFC 3339 with the offset of the zone, so that they can be copied into `--since`.
enum WallClock: Sendable {
    /// In the time zone of the caller.
    case local
    case utc

    func text(_ moment: Timestamp) -> String {
        var seconds = time_t(moment.milliseconds / 1000)
        var broken = tm()
        guard case .local = self, localtime_r(&seconds, &broken) != nil, broken.tm_gmtoff != 0 else {
            return moment.description
        }
        let offset = broken.tm_gmtoff
        let shifted = Timestamp(
            milliseconds: moment.milliseconds + Int64(offset) * 1000
        ).description.dropLast()
        let minutes = abs(offset) / 60
        return String(shifted) + (offset < 0 ? "-" : "+") + Self.twoDigits(minutes / 60) + ":"
            + Self.twoDigits(minutes % 60)
    }

    private static func twoDigits(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
}
