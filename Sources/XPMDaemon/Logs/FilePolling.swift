import Glibc
import NIOCore

/// Looks at files again and again, for want of a kernel that tells: one timer for all, a bounded number of looks in a time, and none
/// where there is no file. Looks are made on worker threads, those at one folder together: one that does not answer holds up no
/// other.
final class FilePolling {
    /// How often files are looked at.
    struct Pace {
        /// Those that somebody waits for.
        var awaited = TimeAmount.milliseconds(250)
        var others = TimeAmount.seconds(2)
        /// The most looks of a round; rounds are as far apart as looks at a file that is awaited.
        var looks = 256
        /// How long until the kernel is asked for room again.
        var room = TimeAmount.seconds(5)
    }

    private final class Place {
        let path: String
        var isAwaited: Bool
        /// What was found last.
        var mark: FileMark?
        var due = NIODeadline.now()
        var isLookedAt = false

        init(_ path: String, isAwaited: Bool, mark: FileMark) {
            self.path = path
            self.isAwaited = isAwaited
            self.mark = mark
        }
    }

    /// Told of each file that is not what it was.
    var changed: (String) -> Void = { _ in }
    /// Called before each round: who adds and removes files then does that before they are looked at.
    var beforeRound: () -> Void = {}
    private let loop: any EventLoop
    private let pace: Pace
    private var places: [String: Place] = [:]
    private var timer: (due: NIODeadline, scheduled: Scheduled<Void>)?
    private var lastRound = NIODeadline.distantPast

    init(loop: any EventLoop, pace: Pace) {
        self.loop = loop
        self.pace = pace
    }

    /// Looks at a file from now on, or at another pace. Returns 0, or the error's number where there is none.
    func add(_ path: String, isAwaited: Bool) -> CInt {
        if let place = places[path] {
            place.isAwaited = isAwaited
            place.due = min(place.due, .now() + interval(of: place))
            schedule(for: place.due)
            return 0
        }
        guard let mark = FileMark(path) else { return errno }
        let place = Place(path, isAwaited: isAwaited, mark: mark)
        places[path] = place
        place.due = .now() + interval(of: place)
        schedule(for: place.due)
        return 0
    }

    func remove(_ path: String) {
        places[path] = nil
        if places.isEmpty { end() }
    }

    /// Looks no more.
    func end() {
        places = [:]
        timer?.scheduled.cancel()
        timer = nil
    }

    /// Whether there is nothing to look at, and no look to come.
    var isAtRest: Bool { places.isEmpty && timer == nil }

    private func interval(of place: Place) -> TimeAmount { place.isAwaited ? pace.awaited : pace.others }

    private func schedule(for due: NIODeadline) {
        let due = max(due, lastRound + pace.awaited)
        if let timer, timer.due <= due { return }
        timer?.scheduled.cancel()
        let scheduled = loop.assumeIsolated().scheduleTask(deadline: due) { [weak self] in
            if let self { round() }
        }
        timer = (due, scheduled)
    }

    private func scheduleNext() {
        guard let due = places.values.lazy.filter({ !$0.isLookedAt }).map(\.due).min() else { return }
        schedule(for: due)
    }

    private func round() {
        timer = nil
        lastRound = .now()
        beforeRound()
        var due = places.values.filter { !$0.isLookedAt && $0.due <= lastRound }
        if due.count > pace.looks {
            due.sort { $0.due < $1.due }
            due.removeLast(due.count - pace.looks)
        }
        for group in Dictionary(grouping: due, by: { Self.folder(of: $0.path) }).values { look(at: group) }
        scheduleNext()
    }

    private func look(at group: [Place]) {
        for place in group { place.isLookedAt = true }
        let paths = group.map(\.path)
        Workers.logs.run(.path(String(Self.folder(of: paths[0]))), on: loop) { paths.map(FileMark.init) }
            .assumeIsolated()
            // Where too much waits for this folder, nothing is known to have changed.
            .whenComplete { [weak self] in self?.found((try? $0.get()) ?? group.map(\.mark), group) }
    }

    private func found(_ marks: [FileMark?], _ group: [Place]) {
        for (place, mark) in zip(group, marks) {
            place.isLookedAt = false
            place.due = .now() + interval(of: place)
            guard places[place.path] === place, place.mark != mark else { continue }
            place.mark = mark
            changed(place.path)
        }
        scheduleNext()
    }

    private static func folder(of path: String) -> Substring { path[..<(path.lastIndex(of: "/") ?? path.startIndex)] }
}
