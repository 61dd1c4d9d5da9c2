import NIOCore
import XPMPatterns
import XPMProtocol

/// Watches the conditions of readiness of one attempt, one after the other: log, notification, probes, delay.
final class ReadinessWatch {
    private static let firstDelay = TimeAmount.milliseconds(25)
    private static let longestDelay = TimeAmount.seconds(1)
    private static let probeTime = Duration.seconds(5)
    private static let refusalTime = TimeAmount.milliseconds(100)

    private let plan: ReadinessPlan
    private let prober: Prober
    private let loop: any EventLoop
    private let callbacks: Callbacks
    private let recovery: Recovery
    private var scans: [LogScan] = []
    private var watches: [LogWatch] = []
    /// Where probes without an address of their own ask.
    private var url: String?
    private var isLogMatched = false
    private var isNotified = false
    private var passed = 0
    /// How often in a row the probe that is awaited has succeeded.
    private var successes = 0
    private var mayProbe = false
    private var run: ProbeRun?
    /// What that probe is for, a phrase, and when it was begun.
    private var asked: (goal: String, since: NIODeadline)?
    private var timer: Scheduled<Void>?
    private var delay = ReadinessWatch.firstDelay
    private var ended = false
    /// What is awaited just now, a phrase.
    private(set) var waitingFor = "its readiness check" {
        didSet { if waitingFor != oldValue { callbacks.wait() } }
    }
    /// The same for who has to find out why that did not come: with the expression that no line matched.
    var missing: String {
        // What was wrong before says nothing of a probe that is on its way for longer than a refusal takes.
        if let run, !run.isOver, let (goal, since) = asked, since + Self.refusalTime < .now() {
            return "\(goal): \(run.pending)"
        }
        guard let line = plan.line, !isLogMatched else { return waitingFor }
        return "\(waitingFor) (it matches \(line.pattern))"
    }

    /// What it tells.
    struct Callbacks {
        /// It waits for something else.
        var wait: () -> Void
        /// People should know of something.
        var note: (String) -> Void
        /// What it waits for now is not the service, and may take any time.
        var stalled: () -> Void = {}
        /// All conditions are met.
        var ready: (_ url: String?) -> Void
    }

    /// `url` is where the service can be opened, as far as that is known beforehand.
    init(
        plan: ReadinessPlan, url: String?, logs: ReadinessLogs?, files: FileWatch, prober: Prober, recovery: Recovery,
        callbacks: Callbacks
    ) {
        self.recovery = recovery
        self.plan = plan
        self.url = url
        self.prober = prober
        loop = prober.loop
        self.callbacks = callbacks
        guard let line = plan.line else { return }
        waitingFor = "the line in its log that says it is ready"
        for log in logs?.scanned ?? [] where log.stream == nil || line.stream == .both || log.stream == line.stream {
            let scanner = LogScanner(path: log.path, from: log.start, pattern: line.matcher)
            let scan = LogScan(scanner, recovery: recovery, loop: loop)
            scan.found = { [weak self] in self?.found($0) ?? false }
            scans.append(scan)
            watches.append(LogWatch(log.places, files) { scan.look() })
        }
    }

    /// Begins; what was written before counts.
    func start() {
        guard plan.line == nil else {
            for scan in scans { scan.look() }
            return
        }
        goOn()
    }

    func end() {
        ended = true
        endScanning()
        run?.cancel()
        timer?.cancel()
    }

    /// Who else answers in its place, a clause.
    var conflict: String? { prober.listeners?.conflict }

    /// The service has said something of itself.
    func notified(ready: Bool, url: String?) {
        if let url { self.url = url }
        if ready { isNotified = true }
        guard !ended, run == nil, timer == nil, plan.line == nil || isLogMatched else { return }
        goOn()
    }

    private func endScanning() {
        for watch in watches { watch.cancel() }
        watches = []
        scans = []
    }

    /// Takes what a look at a log has found; tells whether to look on.
    private func found(_ finding: LogScanner.Finding) -> Bool {
        guard !ended, !isLogMatched else { return false }
        switch finding {
        case .nothing, .more: return true
        case .tooCostly:
            callbacks.note(
                "its readiness pattern is too costly: at least one line of its log could not be matched and was skipped"
            )
            return true
        case .match(let text):
            let fault = text.flatMap(WebAddress.fault)
            let captured = fault == nil ? text : nil
            if plan.probes.contains(where: \.needsURL), url == nil, captured.flatMap(ProbeTarget.init) == nil,
                !plan.notify
            {
                // The line has no page to ask for; a later one may.
                waitingFor = "a line in its log that has its URL"
                return true
            }
            if let text, let fault {
                callbacks.note("the URL in its log is not usable: \(Name.quoted(text)): \(fault)")
            }
            url = captured ?? url
            isLogMatched = true
            endScanning()
            goOn()
            return false
        }
    }

    /// Waits for the first condition that is not met yet, or is done.
    private func goOn() {
        guard !ended else { return }
        if plan.notify, !isNotified {
            waitingFor = "it to send READY=1"
            return
        }
        if passed < plan.probes.count {
            guard mayProbe || plan.initialDelay == .zero else { return waitToProbe() }
            return probe(plan.probes[passed])
        }
        guard let delay = plan.delay else { return finish() }
        waitingFor = "the delay of \(delay.text)"
        timer = loop.assumeIsolated().scheduleTask(in: TimeAmount(delay)) { [self] in
            if !ended { finish() }
        }
    }

    private func waitToProbe() {
        waitingFor = "the \(plan.initialDelay.text) before its first probe"
        timer = loop.assumeIsolated().scheduleTask(in: TimeAmount(plan.initialDelay)) { [self] in
            timer = nil
            mayProbe = true
            goOn()
        }
    }

    private func probe(_ probe: ProbePlan) {
        timer = nil
        let goal = probe.goal(url: url)
        if !waitingFor.hasPrefix(goal) { waitingFor = goal }
        asked = (goal, .now())
        run = prober.probe(probe, url: url, within: Self.probeTime) { [weak self] outcome in
            guard let self, !ended else { return }
            run = nil
            switch outcome {
            case .passed: return succeeded(probe, goal)
            case .failed(let fault):
                successes = 0
                waitingFor = "\(goal): \(fault)"
            // It says nothing against those that were made.
            case .notMade(let reason):
                waitingFor = "\(goal): could not be probed: \(reason)"
                callbacks.stalled()
            }
            timer = loop.assumeIsolated().scheduleTask(in: delay) { [self] in
                if !ended { self.probe(probe) }
            }
            delay = min(.nanoseconds(delay.nanoseconds * 2), Self.longestDelay)
        }
        run?.whenStalled = { [weak self] in self?.callbacks.stalled() }
    }

    private func succeeded(_ probe: ProbePlan, _ goal: String) {
        successes += 1
        delay = Self.firstDelay
        guard successes >= plan.successes else {
            waitingFor = "\(goal): \(successes) of \(plan.successes) successes in a row"
            timer = loop.assumeIsolated().scheduleTask(in: Self.longestDelay) { [self] in
                if !ended { self.probe(probe) }
            }
            return
        }
        (successes, passed) = (0, passed + 1)
        goOn()
    }

    private func finish() {
        let own = plan.probes.lazy.compactMap { probe -> String? in
            if case .page(let url?, _, _) = probe { url } else { nil }
        }
        let url = url ?? own.first
        end()
        callbacks.ready(url)
    }
}

extension ProbePlan {
    /// What is awaited while it fails, a phrase.
    func goal(url known: String?) -> String {
        switch self {
        case .page(let own, let path, _):
            let address = own ?? known ?? "its page"
            return path.map { "\(address) to answer at \($0)" } ?? "\(address) to answer"
        case .tcp(nil, let port): return "port \(port) to accept a connection"
        case .tcp(let host?, let port): return "\(host):\(port) to accept a connection"
        case .unix(let path): return "\(path) to accept a connection"
        case .command(let arguments): return "\(arguments.first ?? "a command") to succeed"
        }
    }

    /// What a health check looks at, a phrase: `of port 8080`, or its command.
    func subject(url known: String?) -> String {
        switch self {
        case .page(let own, let path, _):
            let address = own ?? known ?? "its page"
            return path.map { "of \(address) at \($0)" } ?? "of \(address)"
        case .tcp(nil, let port): return "of port \(port)"
        case .tcp(let host?, let port): return "of \(host):\(port)"
        case .unix(let path): return "of \(path)"
        case .command(let arguments): return "`\(arguments.first ?? "")`"
        }
    }
}
