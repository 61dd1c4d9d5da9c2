import NIOCore

/// Deadlines of which there may be many thousands: to call one off costs as little as to let it pass, whereas the loop looks at all of its
/// own.
final class Alarms {
    /// One deadline.
    final class Alarm {
        fileprivate let due: NIODeadline
        fileprivate var ring: (() -> Void)?
        private let alarms: Alarms

        fileprivate init(due: NIODeadline, ring: @escaping () -> Void, alarms: Alarms) {
            self.due = due
            self.ring = ring
            self.alarms = alarms
        }

        func cancel() {
            guard ring != nil else { return }
            ring = nil
            alarms.noteCancelled()
        }
    }

    private let loop: any EventLoop
    /// A binary heap, the next one first. Those that were called off stay until they come up or are too many.
    private var heap: [Alarm] = []
    private var cancelled = 0
    private var timer: (due: NIODeadline, scheduled: Scheduled<Void>)?

    init(loop: any EventLoop) { self.loop = loop }

    /// How many are kept.
    var count: Int { heap.count }

    /// Rings once at `due`.
    func set(for due: NIODeadline, _ ring: @escaping () -> Void) -> Alarm {
        let alarm = Alarm(due: due, ring: ring, alarms: self)
        heap.append(alarm)
        rise(heap.count - 1)
        schedule()
        return alarm
    }

    private func schedule() {
        guard let due = heap.first?.due else { return }
        if let timer, timer.due <= due { return }
        timer?.scheduled.cancel()
        let scheduled = loop.assumeIsolated().scheduleTask(deadline: due) { [weak self] in
            if let self { ring() }
        }
        timer = (due, scheduled)
    }

    private func ring() {
        timer = nil
        let now = NIODeadline.now()
        while let first = heap.first, first.ring == nil || first.due <= now {
            removeFirst()
            if let ring = first.ring {
                first.ring = nil
                ring()
            } else {
                cancelled -= 1
            }
        }
        schedule()
    }

    private func noteCancelled() {
        cancelled += 1
        guard cancelled > 64, cancelled > heap.count / 2 else { return }
        let rest = heap.filter { $0.ring != nil }
        heap = rest.sorted { $0.due < $1.due }
        cancelled = 0
    }

    private func removeFirst() {
        heap.swapAt(0, heap.count - 1)
        heap.removeLast()
        sink()
    }

    private func rise(_ place: Int) {
        var place = place
        while place > 0, heap[place].due < heap[(place - 1) / 2].due {
            heap.swapAt(place, (place - 1) / 2)
            place = (place - 1) / 2
        }
    }

    private func sink() {
        var place = 0
        while true {
            let children = [2 * place + 1, 2 * place + 2].filter { $0 < heap.count }
            guard let least = children.min(by: { heap[$0].due < heap[$1].due }), heap[least].due < heap[place].due
            else { return }
            heap.swapAt(place, least)
            place = least
        }
    }
}
