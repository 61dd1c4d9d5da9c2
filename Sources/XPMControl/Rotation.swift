import NIOCore

/// Work that is done in slices, so that nobody waits for all of somebody else's: after a turn of a few slices the loop looks at its
/// sockets and timers.
///
/// Those who come are served in alternation with those who have had a slice and want more: one question does not stand behind thousands.
public final class Rotation {
    /// Does a part of some work, and tells whether more of it is left.
    public typealias Slice = () -> Bool

    /// How long a slice is meant to take at most, and how long slices follow each other in one turn of the loop.
    public static let time = TimeAmount.milliseconds(1)
    /// Between two turns. Without a pause the loop would do what is due over and over before it looks at its sockets.
    private static let pause = TimeAmount.microseconds(20)

    let loop: any EventLoop
    private var fresh = CircularBuffer<Slice>()
    private var begun = CircularBuffer<Slice>()
    private var wasFresh = false
    private var isScheduled = false

    /// Slices that are done on `loop`, where it must be used too.
    public init(loop: any EventLoop) { self.loop = loop }

    /// Does some work: one slice soon, and others for as long as there are more.
    public func add(_ slice: @escaping Slice) {
        fresh.append(slice)
        guard !isScheduled else { return }
        isScheduled = true
        loop.assumeIsolated().execute { [self] in turn() }
    }

    private func turn() {
        let end = NIODeadline.now() + Self.time
        while let slice = next() {
            if slice() { begun.append(slice) }
            if NIODeadline.now() >= end { break }
        }
        isScheduled = !fresh.isEmpty || !begun.isEmpty
        if isScheduled { loop.assumeIsolated().scheduleTask(in: Self.pause) { [self] in turn() } }
    }

    private func next() -> Slice? {
        wasFresh = begun.isEmpty || !wasFresh && !fresh.isEmpty
        return wasFresh ? fresh.popFirst() : begun.popFirst()
    }
}

extension Rotation {
    /// Does something with each of `elements`, as many in a slice as there is time for, and then `finish`. The first slice is done at once.
    public func forEach<Elements: Collection>(
        _ elements: Elements, _ body: @escaping (Elements.Element) -> Void, then finish: @escaping () -> Void
    ) {
        var rest = elements[...]
        let slice = {
            let end = NIODeadline.now() + Self.time
            while let element = rest.popFirst() {
                body(element)
                if NIODeadline.now() >= end { break }
            }
            if rest.isEmpty { finish() }
            return !rest.isEmpty
        }
        if slice() { add(slice) }
    }
}
