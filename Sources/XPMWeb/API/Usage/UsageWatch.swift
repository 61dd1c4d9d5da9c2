import CLinux
import Glibc
import XPMClient
import XPMProtocol

/// Measures what running services use: while somebody watches, and when somebody asks.
final class UsageWatch {
    typealias Done = (Result<UsageSample, WireError>) -> Void

    /// Between the end of a measurement and the next one.
    private static let interval = Duration.seconds(2)
    /// Processor time is told of a span of this length at most.
    private static let longestSpan: Int64 = 60_000_000_000

    private let daemon: any DaemonRequests
    private let live: LiveModel
    private let loop: EventLoop
    private var watchers: [Int: (UsageSample) -> Void] = [:]
    private var lastWatcher = 0
    private var timer: Timer?
    /// Those who asked for the measurement that is being made; nil while none is.
    private var asked: [Done]?
    private var last: (at: Int64, times: [ServiceIdentity: (attempt: UInt64?, seconds: Double)]) = (0, [:])

    init(_ daemon: any DaemonRequests, _ live: LiveModel, loop: EventLoop) {
        (self.daemon, self.live, self.loop) = (daemon, live, loop)
    }

    /// Whether it goes on measuring.
    var isWatching: Bool { !watchers.isEmpty || timer?.isSet == true }

    /// Calls `told` with each sample, until `unwatch`. The first one is measured at once.
    func watch(_ told: @escaping (UsageSample) -> Void) -> Int {
        lastWatcher += 1
        watchers[lastWatcher] = told
        if watchers.count == 1 { repeatedly() }
        return lastWatcher
    }

    func unwatch(_ watcher: Int) {
        watchers[watcher] = nil
        if watchers.isEmpty { timer?.cancel() }
    }

    /// Measures once; who asks meanwhile gets the same.
    func measure(_ done: @escaping Done) {
        guard asked == nil else {
            asked?.append(done)
            return
        }
        asked = [done]
        list(Self.pages(of: live.model), [])
    }

    private func repeatedly() {
        guard !watchers.isEmpty else { return }
        timer?.cancel()
        measure { [weak self] result in
            guard let self else { return }
            if let sample = try? result.get() { for told in Array(watchers.values) { told(sample) } }
            guard !watchers.isEmpty, timer?.isSet != true else { return }
            timer = loop.after(Self.interval) { [weak self] in self?.repeatedly() }
        }
    }

    /// What is asked for: the services with a process of their own, some at a time.
    private static func pages(of model: MirrorModel) -> [ListServices] {
        let running = model.services.filter { $0.record.pid != nil && !$0.record.isHosted }.map(\.identity)
        return stride(from: 0, to: running.count, by: Limit.named.most).map { start in
            ListServices(
                usage: true,
                services: running[start..<min(start + Limit.named.most, running.count)].map { ServiceReference($0) })
        }
    }

    private func list(_ pages: [ListServices], _ records: [ServiceRecord]) {
        guard let page = pages.first else { return finish(.success(sample(records))) }
        daemon.request(page) { [weak self] result in
            switch result {
            case .success(let reply): self?.list(Array(pages.dropFirst()), records + reply.services)
            case .failure(let error): self?.finish(.failure(error))
            }
        }
    }

    private func finish(_ result: Result<UsageSample, WireError>) {
        let waiting = asked ?? []
        asked = nil
        for done in waiting { done(result) }
    }

    private func sample(_ records: [ServiceRecord]) -> UsageSample {
        let now = xpm_nanoseconds(CLOCK_MONOTONIC)
        let span = now - last.at
        var times: [ServiceIdentity: (attempt: UInt64?, seconds: Double)] = [:]
        var entries: [UsageSample.Entry] = []
        for record in records {
            guard let usage = record.usage, let place = live.model[record.identity]?.place else { continue }
            var entry = UsageSample.Entry(service: record.identity, place: place, usage: usage)
            if let seconds = usage.cpuSeconds {
                times[record.identity] = (record.attempt, seconds)
                if let before = last.times[record.identity], before.attempt == record.attempt,
                    seconds >= before.seconds,
                    span > 0, span <= Self.longestSpan
                {
                    let percent = (seconds - before.seconds) * 100e9 / Double(span)
                    entry.processorPercent = (percent * 10).rounded() / 10
                }
            }
            entries.append(entry)
        }
        last = (now, times)
        return UsageSample(at: .now, entries: entries)
    }
}

extension API {
    /// `GET /api/v1/usage`.
    func answerUsage(_ exchange: Exchange) {
        usage.measure { result in
            switch result {
            case .success(let sample): exchange.answer(APIAnswer.json(sample))
            case .failure(let error): exchange.answer(APIAnswer.refusal(error))
            }
        }
    }
}
