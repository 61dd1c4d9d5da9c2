import XPMClient
import XPMProtocol

/// Waits for services to come where they are wanted, all at once, and shows meanwhile what they do.
struct ServiceWait {
    var goal: WaitService.Goal
    /// Seconds; nil waits as long as it takes.
    var timeout: Double?
    /// Seconds for which a service without readiness has to have been RUNNING.
    var steady: Double?
    /// What is said at a Ctrl-C, of those that are still awaited; nil where nothing goes on.
    var atInterrupt: (([ServiceReference]) -> String)?

    /// How often the records behind the line on the terminal are read again, and how often the line is drawn. Without a terminal
    /// they are read less and less often, for what is worth a line of its own.
    private static let refreshSeconds = 1.0
    private static let frame = Duration.milliseconds(100)

    /// Hands over each service as it comes to the goal, or `startFailed` or `timedOut` with it in `data.service`.
    func run(
        _ members: [Member], on session: Session, take: (Member, Result<ServiceRecord, WireError>) throws -> Void
    ) throws {
        guard !members.isEmpty else { return }
        Readers.watch([StandardOutput.descriptor, StandardError.descriptor])
        var line = ProgressLine()
        defer { line.clear() }
        let began = ContinuousClock.now
        var pending = AwaitedServices(members)
        sayInterrupt(pending)
        func left() -> Double { timeout.map { $0 - began.duration(to: .now).seconds } ?? .infinity }
        func draw() { line.show(pending.text(seconds: Int64(began.duration(to: .now).seconds), now: .now)) }
        let tick = line.isShown ? (every: Self.frame, run: draw) : nil
        try session.ask(members, tick: tick) { member in
            let seconds = min(left(), line.isShown ? Self.refreshSeconds : pending.pause(of: member))
            return WaitService(
                member.service, goal: goal, timeoutSeconds: seconds.isFinite ? max(0, seconds) : nil,
                since: member.since, steadySeconds: goal == .running ? steady : nil)
        } take: { member, result in
            if case .failure(let error) = result, error.code == .timedOut, left() > 0 {
                pending.note(error.service, of: member)
                if !line.isShown, let news = pending.news(of: member, now: .now) { StandardError.line(news) }
                return false
            }
            line.clear()
            pending.remove(member)
            sayInterrupt(pending)
            try take(member, result)
            return true
        }
    }

    private func sayInterrupt(_ pending: AwaitedServices) {
        if let atInterrupt, !pending.isEmpty { Interruption.say(atInterrupt(pending.services)) }
    }
}

extension Duration {
    var seconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }
}

extension WireError {
    /// The service that it is about, as it is typed: the one that the daemon sent with it, or else as its user has named it.
    var typedName: String? { service?.identity.typedName ?? data["typed"]?.text }

    /// The same error with the name that its user has given the service.
    func about(_ name: String) -> WireError {
        WireError(code, message, data: data.merging(["typed": .string(ShellWord.quoted(name))]) { old, _ in old })
    }

    /// The service that the daemon sent with its refusal.
    var service: ServiceRecord? {
        guard let value = data["service"], case .object = value, let bytes = try? Wire.encode(value) else { return nil }
        return try? Wire.decode(ServiceRecord.self, from: bytes)
    }
}
