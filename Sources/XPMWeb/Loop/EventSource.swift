/// What has a descriptor that the loop watches.
class EventSource {
    /// Called on the loop with what was found. One that was unregistered in the same turn is not called any more.
    func ready(_ events: Events) {}
}

/// A source that is a function.
final class ClosureSource: EventSource {
    private let action: (Events) -> Void

    init(_ action: @escaping (Events) -> Void) { self.action = action }

    override func ready(_ events: Events) { action(events) }
}
