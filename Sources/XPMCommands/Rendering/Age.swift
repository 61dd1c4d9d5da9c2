import XPMProtocol

/// How long ago something was, in one unit: `4m`.
enum Age {
    static func text(since moment: Timestamp, now: Timestamp) -> String {
        // A clock that was set back must not print ages below nothing.
        text(seconds: max(0, (now.milliseconds - moment.milliseconds) / 1000))
    }

    static func text(seconds: Int64) -> String {
        switch seconds {
        case ..<60: "\(seconds)s"
        case ..<3600: "\(seconds / 60)m"
        case ..<(48 * 3600): "\(seconds / 3600)h"
        default: "\(seconds / 86400)d"
        }
    }
}
