import Glibc
import XPMClient
import XPMProtocol

/// Waits for keys, changes, answers and signals, and draws. While nothing comes it does nothing.
final class MonitorLoop {
    private var state: MonitorState
    private let screen: Screen
    private let mirror: ServiceMirror
    private let requests: Requests
    private let signals: Int32
    private let environment: [String: String]
    private var decoder = KeyDecoder()
    private var isStale = true
    private var drawnAt: ContinuousClock.Instant?
    private var ending: Ending?
    /// Questions for logs that are on their way.
    private var reads: [LogRead: Task<Void, Never>] = [:]
    /// Whose details are shown, and when they are asked for.
    private var watched: (service: ServiceIdentity, due: ContinuousClock.Instant)?
    private let start = ContinuousClock.now

    /// Why it ends.
    enum Ending: Equatable {
        case asked
        case signal(Int32)
    }

    /// What others change is drawn this often at most; keys are answered at once.
    private static let pace = Duration.milliseconds(33)
    /// Details are asked for once the highlight has rested so long, and then again.
    private static let rest = Duration.milliseconds(300)
    private static let detailPace = Duration.seconds(2)
    /// An Esc that nothing has followed for so long is a key.
    private static let escapeWait = Duration.milliseconds(40)

    init(
        _ state: MonitorState, _ screen: Screen, _ mirror: ServiceMirror, _ requests: Requests, signals: Int32,
        environment: [String: String]
    ) {
        (self.state, self.screen, self.mirror, self.requests) = (state, screen, mirror, requests)
        (self.signals, self.environment) = (signals, environment)
    }

    func run() -> Ending {
        screen.setMouse(state.hasMouse)
        while ending == nil {
            drawIfDue()
            wait()
        }
        return ending ?? .asked
    }

    private func drawIfDue() {
        guard isStale, untilDue <= .zero else { return }
        screen.show(state.draw())
        (isStale, drawnAt) = (false, .now)
    }

    private var untilDue: Duration {
        guard let drawnAt else { return .zero }
        return Self.pace - drawnAt.duration(to: .now)
    }

    private func wait() {
        var waited = [screen.descriptor, signals, mirror.descriptor, requests.inbox.descriptor].map {
            pollfd(fd: $0, events: Int16(POLLIN), revents: 0)
        }
        let count = poll(&waited, nfds_t(waited.count), timeout)
        if count == 0, decoder.isWaiting { take(decoder.flush()) }
        readDetailIfDue()
        guard count > 0 else { return }
        if waited[1].revents != 0 { readSignals() }
        // Keys first: they mean what was on the screen when they were pressed.
        if waited[0].revents != 0 { readKeys() }
        if waited[3].revents != 0 { for message in requests.inbox.take() { update(message) } }
        if waited[2].revents != 0 { update(.changes(mirror.changes())) }
    }

    private var timeout: Int32 {
        var wait: Duration?
        if isStale { wait = max(.zero, untilDue) }
        if decoder.isWaiting { wait = min(wait ?? Self.escapeWait, Self.escapeWait) }
        if let due = watched?.due {
            let left = max(.zero, ContinuousClock.now.duration(to: due))
            wait = min(wait ?? left, left)
        }
        return wait.map {
            Int32(clamping: $0.components.seconds * 1000 + $0.components.attoseconds / 1_000_000_000_000_000 + 1)
        } ?? -1
    }

    private func readDetailIfDue() {
        guard let (service, due) = watched, due <= .now else { return }
        let start = start
        requests.readDetail(of: service) {
            let passed = start.duration(to: .now).components
            return passed.seconds * 1000 + passed.attoseconds / 1_000_000_000_000_000
        }
        // What has no process uses nothing that changes; what becomes of it is told by the mirror.
        watched = (service, .now + (state.hasProcess(service) ? Self.detailPace : .seconds(3600)))
    }

    private func readKeys() {
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = read(screen.descriptor, &bytes, bytes.count)
        if count > 0 { return take(decoder.decode(bytes[..<count])) }
        // The terminal is gone.
        if count == 0 || errno != EINTR && errno != EAGAIN { ending = .signal(SIGHUP) }
    }

    private func take(_ inputs: [Input]) {
        guard !inputs.isEmpty else { return }
        for input in inputs where ending == nil { update(.input(input)) }
        drawnAt = nil
    }

    private func readSignals() {
        var bytes = [UInt8](repeating: 0, count: 64)
        let count = read(signals, &bytes, bytes.count)
        for number in bytes.prefix(max(0, count)).map(Int32.init) {
            switch number {
            case SIGWINCH: resize()
            case SIGTSTP: suspend()
            case SIGCONT: resume()
            default: ending = .signal(number)
            }
        }
    }

    private func resize() {
        let (columns, rows) = screen.size
        update(.resized(columns: columns, rows: rows))
        drawnAt = nil
    }

    private func suspend() {
        screen.leave()
        TerminalSignals.stop()
        resume()
    }

    private func resume() {
        screen.enter()
        resize()
    }

    private func update(_ message: Message) {
        isStale = true
        if case .log(let read, _) = message { reads[read] = nil }
        // A change of what is watched is asked for soon.
        if case .changes(let changes) = message, let (service, _) = watched,
            changes.contains(where: { $0.concerns(service) })
        {
            watched = (service, min(watched?.due ?? .now, .now + Self.rest))
        }
        for effect in state.update(message) { carryOut(effect) }
    }

    private func carryOut(_ effect: Effect) {
        switch effect {
        case .ask(let request): requests.ask(request)
        case .readLastLines(let service): requests.readLastLines(of: service)
        case .explain(let service): requests.explain(service)
        case .readLog(let read): reads[read] = requests.read(read)
        case .endLogs:
            for task in reads.values { task.cancel() }
            reads = [:]
        case .watchDetail(let service): watched = service.map { ($0, .now + Self.rest) }
        case .copy(let text):
            if environment["TMUX"] != nil { requests.copyByTmux(text, environment: environment) }
            requests.inbox.put(.told(Clipboard.copy(text, to: screen, environment)))
        case .open(let url): requests.open(url, environment: environment)
        case .mouse(let isOurs): screen.setMouse(isOurs)
        case .redraw: screen.redraw()
        case .suspend: suspend()
        case .quit: ending = .asked
        }
    }
}

extension MonitorState {
    /// Whether a service has a process whose use of the machine can be told.
    fileprivate func hasProcess(_ service: ServiceIdentity) -> Bool { model[service]?.record.pid != nil }
}

extension MirrorChange {
    fileprivate func concerns(_ identity: ServiceIdentity) -> Bool {
        if case .serviceChanged(let service) = self { service.identity == identity } else { false }
    }
}
