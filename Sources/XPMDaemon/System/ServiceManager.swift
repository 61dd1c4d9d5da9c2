import CLinux
import CSystemd
import Glibc
import NIOCore

/// What systemd is told of the daemon; silent where there is no systemd.
final class ServiceManager {
    private let loop: any EventLoop
    private var watchdog: RepeatedTask?

    init(loop: any EventLoop) { self.loop = loop }

    /// Serving; from now on the watchdog is fed, by the event loop itself, so that a stuck loop is noticed.
    func ready() {
        sd_notify(0, "READY=1\nSTATUS=serving")
        var interval: UInt64 = 0
        guard sd_watchdog_enabled(0, &interval) > 0, interval > 0 else { return }
        let half = TimeAmount.microseconds(Int64(interval / 2))
        watchdog = loop.scheduleRepeatedTask(initialDelay: .zero, delay: half) { _ in sd_notify(0, "WATCHDOG=1") }
    }

    /// One line of `systemctl status`.
    func status(_ text: String) { sd_notify(0, "STATUS=\(text)") }

    /// Another program takes this one's place, in the same process; its `ready` is the end of it.
    func reloading() {
        sd_notify(0, "RELOADING=1\nMONOTONIC_USEC=\(xpm_microseconds(CLOCK_MONOTONIC))\nSTATUS=reloading")
        // The time until then is the next one's whole time.
        sd_notify(0, "WATCHDOG=1")
    }

    func stopping() {
        sd_notify(0, "STOPPING=1")
        watchdog?.cancel()
    }
}
