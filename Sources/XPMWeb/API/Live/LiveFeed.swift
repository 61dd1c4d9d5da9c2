import Glibc
import XPMClient
import XPMHTTP
import XPMProtocol

/// Tells views what changes: a log that all share, and for each view a position in it.
final class LiveFeed {
    /// Views at once. Those of one browser share one.
    static let mostViews = 256
    /// Changes are told so often at most; the first one at once.
    private static let interval = Duration.milliseconds(50)

    var origin: (ServiceRecord) -> ServiceOrigin? = { _ in nil }
    private let live: LiveModel
    private let usage: UsageWatch
    private let loop: EventLoop
    let pulse: StreamPulse
    /// Positions of another process mean nothing here.
    let epoch: String
    private(set) var log = LiveLog()
    private var views: [ObjectIdentifier: LiveView] = [:]
    private var observer = 0
    private var lastFlush = Int64.min / 2
    private var flush: Timer?
    /// The event that was made last, for views at the same position.
    private var made: (after: Int, end: Int, frame: LiveFrame?)?

    init(_ live: LiveModel, _ usage: UsageWatch, loop: EventLoop) {
        (self.live, self.usage, self.loop) = (live, usage, loop)
        pulse = StreamPulse(loop: loop)
        epoch = String(UInt64.random(in: .min ... .max), radix: 36)
        for run in live.model.runs { log.note(.run(run)) }
        for service in live.model.services { log.note(.service(service.identity)) }
        observer = live.observe(last: true) { [weak self] in self?.note($0) }
    }

    deinit { live.unobserve(observer) }

    /// How many views are open.
    var viewCount: Int { views.count }

    /// Whether another view may be opened.
    var hasRoom: Bool { views.count < Self.mostViews }

    /// Begins to show everything on a stream, or what has changed since the id of an event.
    func open(_ stream: any ResponseStream, since id: String?, wantsUsage: Bool) {
        let view = LiveView(stream, position: id.flatMap(position))
        let key = ObjectIdentifier(view)
        views[key] = view
        if wantsUsage {
            view.usage = usage.watch { [weak view] sample in
                // Who does not read gets the next one.
                if let view, view.snapshot == nil, view.stream.hasRoom { view.stream.write(sample.event) }
            }
        }
        stream.watch(room: { [weak self, weak view] in if let view { self?.pump(view) } }) { [weak self] in
            self?.close(key)
        }
        pulse.add(view) { [weak view] in
            if let view, view.stream.hasRoom { view.stream.write(ServerSentEvent.comment) }
        }
        pump(view)
    }

    private func close(_ key: ObjectIdentifier) {
        guard let view = views.removeValue(forKey: key) else { return }
        pulse.remove(view)
        if let watch = view.usage { usage.unwatch(watch) }
    }

    /// What the id of an event says; nil where that is not of this process, or what came then is forgotten.
    private func position(_ id: String) -> Int? {
        let parts = id.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, parts[0] == epoch, let position = Int(parts[1]), position >= log.floor,
            position <= log.end
        else { return nil }
        return position
    }

    // MARK: What changes

    private func note(_ changes: [MirrorChange]) {
        for change in changes {
            switch change {
            case .runAdded(let run), .runChanged(let run): log.note(.run(run.record.identity))
            case .runRemoved(let run): log.remove(.run(run))
            case .serviceAdded(let service), .serviceChanged(let service): log.note(.service(service.identity))
            case .serviceRemoved(let service): log.remove(.service(service))
            case .connectionChanged: log.note(.connection)
            }
        }
        guard !views.isEmpty, flush?.isSet != true else { return }
        let due = lastFlush + Self.interval.nanoseconds
        guard due > loop.now else { return tell() }
        if flush == nil { flush = Timer(on: loop) { [weak self] in self?.tell() } }
        flush?.set(due)
    }

    private func tell() {
        lastFlush = loop.now
        for view in Array(views.values) { pump(view) }
    }

    /// Sends a view what it has not seen, as far as there is room.
    private func pump(_ view: LiveView) {
        while view.stream.hasRoom {
            view.fall(behind: log)
            guard let frame = frame(for: view) else { return }
            view.take(frame)
        }
    }

    private func frame(for view: LiveView) -> LiveFrame? {
        if let (end, isFirst) = view.snapshot {
            return LiveFrame(
                .snapshot(end: end, isFirst: isFirst), after: view.position, of: log, in: live.model, epoch: epoch,
                origin: origin)
        }
        guard view.position < log.end else { return nil }
        if let made, made.after == view.position, made.end == log.end { return made.frame }
        let frame = LiveFrame(
            .change, after: view.position, of: log, in: live.model, epoch: epoch, origin: origin)
        made = (view.position, log.end, frame)
        return frame
    }
}

/// A view: how far it has seen, and where that goes.
final class LiveView {
    let stream: any ResponseStream
    private(set) var position: Int
    /// Where the log ended when its snapshot began, and whether nothing of that was sent yet; nil once it is complete.
    private(set) var snapshot: (end: Int, isFirst: Bool)?
    var usage: Int?

    /// A view that has seen everything up to a position; nil for one that has seen nothing.
    init(_ stream: any ResponseStream, position: Int?) {
        self.stream = stream
        self.position = position ?? -1
    }

    /// Begins anew where what it has not seen is forgotten.
    func fall(behind log: LiveLog) {
        if let snapshot { if snapshot.end >= log.floor { return } } else if position >= log.floor { return }
        (position, snapshot) = (-1, (log.end, true))
    }

    func take(_ frame: LiveFrame) {
        stream.write(frame.bytes)
        position = frame.position
        if let (end, _) = snapshot { snapshot = frame.isComplete ? nil : (end, false) }
    }
}

extension API {
    /// `GET /api/v1/live`.
    func openLive(_ exchange: Exchange, _ query: APIQuery) throws(WireError) {
        let wantsUsage = try query.isOn("usage")
        guard exchange.head.method == .get else {
            return exchange.answer(Answer(200, APIAnswer.stream.fields))
        }
        guard feed.hasRoom else {
            return exchange.answer(APIAnswer.refusal(503, code: "too_many_streams", "cannot open another stream"))
        }
        let stream = exchange.stream(APIAnswer.stream)
        feed.open(stream, since: exchange.lastEventID ?? query["last"], wantsUsage: wantsUsage)
    }
}
