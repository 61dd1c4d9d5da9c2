import NIOCore
import XPMProtocol

/// Watches the conditions of readiness of one attempt: first the log's, then the page's.
final class ReadinessWatch {
    private let plan: ReadinessPlan
    private let loop: any EventLoop
    private let onReady: (_ url: String?) -> Void
    private var scanners: [LogScanner] = []
    private var tokens: [FileWatch.Token] = []
    private var probe: PageProbe?
    private var ended = false
    private(set) var waitingFor: String

    init(
        plan: ReadinessPlan, logs: LogPaths, stdoutStart: Int64, stderrStart: Int64, files: FileWatch,
        loop: any EventLoop,
        onReady: @escaping (_ url: String?) -> Void
    ) throws {
        self.plan = plan
        self.loop = loop
        self.onReady = onReady
        waitingFor = ""
        guard let line = plan.line else { return }
        waitingFor = "a line of its log that matches \(line.pattern)"
        if line.stream != .stdout { try add(logs.stderr, from: stderrStart, line.regex, files) }
        if line.stream != .stderr { try add(logs.stdout, from: stdoutStart, line.regex, files) }
    }

    private func add(_ path: String, from offset: Int64, _ regex: Regex<AnyRegexOutput>, _ files: FileWatch) throws {
        let scanner = LogScanner(path: path, from: offset, regex: regex)
        scanners.append(scanner)
        tokens.append(try files.watch(path) { [weak self] in self?.look(at: scanner) })
    }

    /// Begins; what was written before counts.
    func start() {
        guard plan.line != nil else {
            _ = probePage(captured: nil)
            return
        }
        for scanner in scanners { look(at: scanner) }
    }

    func end() {
        ended = true
        tokens.forEach { $0.cancel() }
        tokens = []
        probe?.end()
    }

    private func look(at scanner: LogScanner) {
        guard !ended, probe == nil else { return }
        switch scanner.look() {
        case .nothing: break
        case .more: loop.assumeIsolated().execute { [self] in look(at: scanner) }
        case .match(let url):
            guard !probePage(captured: url) else { return }
            // The line has no page to ask for; a later one may.
            loop.assumeIsolated().execute { [self] in look(at: scanner) }
        }
    }

    /// Goes on to the page, or is done where none is asked for; false where the line captured no URL that can be asked.
    private func probePage(captured: String?) -> Bool {
        guard let wanted = plan.probe else {
            finish(url: captured)
            return true
        }
        let address = wanted.url ?? captured
        guard let address, let target = ProbeTarget(address) else {
            waitingFor = "a line of its log that captures an http:// URL"
            return false
        }
        tokens.forEach { $0.cancel() }
        tokens = []
        waitingFor = "\(address) to answer"
        let probe = PageProbe(target: target, status: wanted.status, loop: loop) { [weak self] in
            self?.finish(url: captured ?? address)
        }
        self.probe = probe
        probe.start()
        return true
    }

    private func finish(url: String?) {
        end()
        onReady(url)
    }
}
