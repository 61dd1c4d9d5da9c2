import CLinux
import Glibc
import XPMProtocol

extension CallerSettings {
    /// Those of this process, for a service that it adds.
    public static var ofThisProcess: CallerSettings {
        var settings = CallerSettings()
        // To read the mask by umask(2) is to change it for a moment, for all threads.
        settings.umask = status("Umask").flatMap { Int32($0, radix: 8) }
        errno = 0
        let nice = getpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0)
        if errno == 0 { settings.nice = nice }
        // All of them is no wish: there may be more of them some day.
        settings.cpus = status("Cpus_allowed_list").flatMap {
            $0 == text(of: "/sys/devices/system/cpu/online") ? nil : $0
        }
        settings.oomScore = text(of: "/proc/self/oom_score_adj").flatMap { Int32($0) }
        var limits: [String: [Int64]] = [:]
        for (name, number) in ResourceName.numbers {
            var (soft, hard): (UInt64, UInt64) = (0, 0)
            guard xpm_resource_limits(0, Int32(number), &soft, &hard) == 0 else { continue }
            limits[name] = [wire(soft), wire(hard)]
        }
        settings.rlimits = limits
        return settings
    }

    private static func wire(_ limit: UInt64) -> Int64 { limit > UInt64(Int64.max) ? -1 : Int64(limit) }

    private static func status(_ field: String) -> String? {
        text(of: "/proc/self/status")?.split(separator: "\n").first { $0.hasPrefix(field + ":") }.map {
            String($0.dropFirst(field.count + 1).drop(while: \.isWhitespace))
        }
    }

    private static func text(of path: String) -> String? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 8192)
        let count = read(descriptor, &bytes, bytes.count)
        guard count > 0 else { return nil }
        let text = String(decoding: bytes[..<count], as: UTF8.self)
        return text.hasSuffix("\n") ? String(text.dropLast()) : text
    }
}
