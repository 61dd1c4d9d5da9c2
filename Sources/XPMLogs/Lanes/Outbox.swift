import CLinux
import Glibc

/// What lanes report, and by which they wake the main thread.
final class Outbox: @unchecked Sendable {
    // Reports are touched under the lock only.
    private var reports: [LaneReport] = []
    private let lock = Lock()
    private let wake: OpenFile
    /// 1 while the main thread waits without looking after the lanes.
    private let isAsleep: UnsafeMutablePointer<UInt64>

    init() throws(LogFileError) {
        let number = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
        guard number >= 0 else { throw LogFileError(cannot: "make an eventfd", errno) }
        wake = OpenFile(number)
        isAsleep = .allocate(capacity: 1)
        isAsleep.initialize(to: 0)
    }

    deinit { isAsleep.deallocate() }

    /// Readable when there is something to do.
    var descriptor: Int32 { wake.descriptor }

    func report(_ report: LaneReport) {
        lock.lock()
        reports.append(report)
        lock.unlock()
        ring()
    }

    /// Called before whatever may hang: somebody has to look after the lane then.
    func watch() {
        guard xpm_load(isAsleep) == 1 else { return }
        xpm_store(isAsleep, 0)
        ring()
    }

    func sleep(_ isSleeping: Bool) { xpm_store(isAsleep, isSleeping ? 1 : 0) }

    func take() -> [LaneReport] {
        var count: UInt64 = 0
        _ = read(wake.descriptor, &count, 8)
        lock.lock()
        defer { lock.unlock() }
        let taken = reports
        reports = []
        return taken
    }

    private func ring() {
        var one: UInt64 = 1
        _ = write(wake.descriptor, &one, 8)
    }
}
