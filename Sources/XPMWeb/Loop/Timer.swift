/// Something that is done once, later.
///
/// It costs nothing until then, and may be set again, earlier or later, from the loop.
final class Timer {
    fileprivate(set) var due = Int64.max
    /// Its place in the heap, or -1.
    fileprivate var place = -1
    fileprivate var action: (() -> Void)?
    private unowned let loop: EventLoop

    init(on loop: EventLoop, _ action: @escaping () -> Void) { (self.loop, self.action) = (loop, action) }

    /// Whether it is going to fire.
    var isSet: Bool { place >= 0 }

    /// Sets it for a time of the loop's clock, whatever it was set for. It never fires in the same turn.
    func set(_ due: Int64) { loop.timers.set(self, max(due, loop.now + 1)) }

    /// Sets it for a duration from now on.
    func set(after duration: Duration) { set(loop.now + duration.nanoseconds) }

    /// It will not fire.
    func cancel() { loop.timers.remove(self) }
}

/// A length of time by the loop's clock: what deadlines are set by for each request.
struct Nanoseconds {
    let count: Int64

    static func seconds(_ seconds: Int64) -> Nanoseconds { Nanoseconds(count: seconds * 1_000_000_000) }
    static func milliseconds(_ milliseconds: Int64) -> Nanoseconds { Nanoseconds(count: milliseconds * 1_000_000) }
}

extension Duration {
    /// The whole of it, at most as many as 64 bits have.
    var nanoseconds: Int64 {
        let (seconds, attoseconds) = components
        let (whole, isTooLong) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        let (sum, isTooMuch) = whole.addingReportingOverflow(attoseconds / 1_000_000_000)
        return isTooLong || isTooMuch ? .max / 2 : min(sum, .max / 2)
    }
}

/// Timers by when they are due: a binary heap.
struct Timers {
    private var heap: [Timer] = []

    /// When the first one is due.
    var first: Int64? { heap.first?.due }

    /// Sets a timer, or moves it.
    mutating func set(_ timer: Timer, _ due: Int64) {
        let isLater = due > timer.due
        timer.due = due
        if timer.place < 0 {
            timer.place = heap.count
            heap.append(timer)
            rise(timer.place)
        } else if isLater {
            sink(timer.place)
        } else {
            rise(timer.place)
        }
    }

    /// Takes a timer out, if it is set.
    mutating func remove(_ timer: Timer) {
        let place = timer.place
        guard place >= 0 else { return }
        (timer.place, timer.due) = (-1, .max)
        let last = heap.removeLast()
        guard last !== timer else { return }
        heap[place] = last
        last.place = place
        rise(place)
        sink(last.place)
    }

    /// Takes out the first one, if it is due, and gives what is to be done.
    mutating func next(_ now: Int64) -> (() -> Void)? {
        guard let timer = heap.first, timer.due <= now else { return nil }
        remove(timer)
        return timer.action
    }

    private mutating func rise(_ start: Int) {
        var place = start
        while place > 0, heap[place].due < heap[(place - 1) / 2].due {
            swap(place, (place - 1) / 2)
            place = (place - 1) / 2
        }
    }

    private mutating func sink(_ start: Int) {
        var place = start
        while true {
            var least = place
            for child in [2 * place + 1, 2 * place + 2] where child < heap.count && heap[child].due < heap[least].due {
                least = child
            }
            guard least != place else { return }
            swap(place, least)
            place = least
        }
    }

    private mutating func swap(_ one: Int, _ other: Int) {
        heap.swapAt(one, other)
        (heap[one].place, heap[other].place) = (one, other)
    }
}
