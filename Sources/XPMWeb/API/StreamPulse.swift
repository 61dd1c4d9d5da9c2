/// Sends a comment to open event streams every so often, so that neither browsers nor proxies take them for dead. It runs only while
/// there is one.
final class StreamPulse {
    private static let interval = Duration.seconds(15)

    private let loop: EventLoop
    private var beats: [ObjectIdentifier: () -> Void] = [:]
    private var timer: Timer?

    init(loop: EventLoop) { self.loop = loop }

    /// How many streams are open.
    var count: Int { beats.count }

    func add(_ stream: AnyObject, _ beat: @escaping () -> Void) {
        beats[ObjectIdentifier(stream)] = beat
        if timer?.isSet != true { schedule() }
    }

    func remove(_ stream: AnyObject) {
        beats[ObjectIdentifier(stream)] = nil
        if beats.isEmpty { timer?.cancel() }
    }

    /// Beats once, now.
    func beat() { for beat in Array(beats.values) { beat() } }

    private func schedule() {
        timer = loop.after(Self.interval) { [weak self] in
            guard let self, !beats.isEmpty else { return }
            beat()
            schedule()
        }
    }
}
