import CLinux
import Glibc
import XPMProtocol

extension KeeperLimits {
    /// Those of a living process.
    init(of pid: Int32) {
        nice = getpriority(__priority_which_t(PRIO_PROCESS.rawValue), id_t(pid))
        oomScore = CgroupHierarchy.text(of: "/proc/\(pid)/oom_score_adj").flatMap { Int32($0.dropLast()) } ?? 0
        for number in ResourceName.numbers.values {
            var (soft, hard): (UInt64, UInt64) = (0, 0)
            if xpm_resource_limits(pid, Int32(number), &soft, &hard) == 0 { hardLimits[number] = hard }
        }
        let capabilities =
            CgroupHierarchy.text(of: "/proc/\(pid)/status")?.split(separator: "\n")
            .first { $0.hasPrefix("CapEff:") }
            .flatMap { UInt64($0.split(separator: "\t").last ?? "", radix: 16) } ?? 0
        mayRaisePriority = capabilities & 1 << 23 != 0
        mayRaiseLimits = capabilities & 1 << 24 != 0
    }
}
