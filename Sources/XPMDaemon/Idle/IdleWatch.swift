import NIOCore
import XPMProtocol
import XPMSupervision

/// The traffic of a service that is RUNNING, and the one timer that ends in its sleep.
final class IdleWatch {
    let attempt: AttemptID
    private(set) var clock: IdleClock<ObjectIdentifier>
    /// When it was last active, by the wall clock.
    private(set) var lastActivity: Timestamp
    /// What is asked just now.
    var asking: ActivityQuestion?
    private let loop: any EventLoop
    private let whenDue: () -> Void
    private var timer: (due: Duration, scheduled: Scheduled<Void>)?

    init(
        _ attempt: AttemptID, _ clock: IdleClock<ObjectIdentifier>, loop: any EventLoop, whenDue: @escaping () -> Void
    ) {
        self.attempt = attempt
        self.clock = clock
        self.loop = loop
        self.whenDue = whenDue
        lastActivity = Self.wall(of: clock.lastActivity)
    }

    /// The clock that nobody sets; it stands still while the machine is suspended.
    static var now: Duration { .nanoseconds(Int64(clamping: NIODeadline.now().uptimeNanoseconds)) }

    /// The same moment by the wall clock.
    static func wall(of moment: Duration) -> Timestamp {
        Timestamp(milliseconds: Timestamp.now.milliseconds.clampedSum((moment - now).milliseconds))
    }

    /// Takes in what was heard. Only a moment that comes sooner than expected needs another timer.
    func note(_ change: (inout IdleClock<ObjectIdentifier>) -> Void) {
        let before = clock.lastActivity
        change(&clock)
        if clock.lastActivity != before { lastActivity = Self.wall(of: clock.lastActivity) }
        if let timer, clock.due < timer.due { wait() }
    }

    /// Waits for the moment at which it is due if nothing is heard until then.
    func wait() {
        timer?.scheduled.cancel()
        let due = clock.due
        let deadline = NIODeadline.uptimeNanoseconds(UInt64(clamping: due.nanoseconds))
        let scheduled = loop.assumeIsolated().scheduleTask(deadline: deadline) { [weak self] in
            // One that is due in the same turn of the loop comes even after it was cancelled.
            guard let self, timer?.due == due else { return }
            timer = nil
            if clock.due > Self.now { wait() } else { whenDue() }
        }
        timer = (due, scheduled)
    }

    func end() {
        timer?.scheduled.cancel()
        timer = nil
        asking?.cancel()
        asking = nil
    }
}

extension Duration {
    /// Whole nanoseconds: some 292 years are for ever.
    var nanoseconds: Int64 {
        components.seconds.clampedProduct(1_000_000_000).clampedSum(components.attoseconds / 1_000_000_000)
    }
}
