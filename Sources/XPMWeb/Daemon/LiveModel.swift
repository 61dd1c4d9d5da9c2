import XPMClient
import XPMProtocol

/// The experiments, runs and services of xpmd as they are now, on the loop.
final class LiveModel {
    /// For lookups.
    private(set) var model = MirrorModel()
    private var observers: [Int: ([MirrorChange]) -> Void] = [:]
    private var lastObserver = 0

    /// Nothing yet.
    init() {}

    /// Whether the model is what xpmd says now.
    var isLive: Bool { model.connection == .live }

    /// Calls `changed` on the loop with what has changed, after `model` has it, until `unobserve`. What is `last` is called after all others,
    /// whenever these have come: it shows what they make of the change.
    @discardableResult
    func observe(last isLast: Bool = false, _ changed: @escaping ([MirrorChange]) -> Void) -> Int {
        lastObserver += 1
        let observer = isLast ? lastObserver + (1 << 40) : lastObserver
        observers[observer] = changed
        return observer
    }

    /// Calls an observer no more.
    func unobserve(_ observer: Int) { observers[observer] = nil }

    /// Takes in changes, and tells of them.
    func apply(_ changes: [MirrorChange]) {
        guard !changes.isEmpty else { return }
        for change in changes { model.apply(change) }
        for observer in observers.keys.sorted() { observers[observer]?(changes) }
    }
}

extension LiveModel {
    /// Shows what a mirror shows, on the loop, as long as both live.
    func follow(_ mirror: ServiceMirror, loop: EventLoop) throws(SystemError) {
        try loop.register(mirror.descriptor, for: .readable) { [weak self] _ in self?.apply(mirror.changes()) }
    }
}
