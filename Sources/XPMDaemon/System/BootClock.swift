import CLinux
import Glibc

/// The clock of the machine: it begins with the boot, counts suspended time, and nobody sets it.
enum BootClock {
    /// Milliseconds since boot.
    static var now: Int64 { xpm_microseconds(CLOCK_BOOTTIME) / 1000 }

    /// What tells this boot from all others; empty where the kernel does not say.
    static let bootID: String = {
        let file = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return "" }
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: 64)
        let count = read(file, &bytes, bytes.count)
        return String(decoding: bytes.prefix(max(0, count)).filter { $0 > UInt8(ascii: " ") }, as: UTF8.self)
    }()
}
