import XPMProtocol

/// What a definition says once its template and its port are filled in; apart, for most services have neither.
final class FilledDefinition: Sendable {
    let definition: ServiceDefinition

    init(_ definition: ServiceDefinition) { self.definition = definition }
}

extension ServicePlan {
    /// The definition as it is run: what the template gives and the defaults are in their places, `command` is the program's file.
    func effective(
        _ written: ServiceDefinition, command: String?, names: [String: String], port: Int?
    ) -> ServiceDefinition {
        var whole = filled?.definition ?? written
        if let program = command ?? arguments.first { whole.run = .command([program] + arguments.dropFirst()) }
        whole.folder = folder
        if !isHosted { whole.environment = environment.merging(names) { _, new in new } }
        whole.url = url
        switch self.port {
        case .none: break
        case .any: whole.port = port
        case .wish(let wish): whole.port = wish
        }
        whole.web = web ?? whole.web
        whole.network = isPrivate ? .private : .host
        if host != nil { whole.readiness = whole.readiness ?? HostPlan.readiness }
        if isHosted { whole.readiness = HostedDefinition.readiness(whole.readiness) }
        whole.readiness = whole.readiness.map(Self.decided)
        whole.stop = StopPolicy(
            signal: stopCommand == nil || whole.stop?.signal != nil ? stopSignal.name : nil, command: stopCommand,
            graceSeconds: whole.stop?.graceSeconds ?? StopPolicy.defaultGraceSeconds)
        whole.restart = Self.decided(whole.restart ?? RestartPolicy())
        whole.health = whole.health.map(Self.decided)
        whole.log = Self.decided(whole.log ?? LogPolicy())
        whole.tty = log.terminal.map { .sized(columns: Int($0.columns), rows: Int($0.rows)) } ?? .off
        whole.lifetime = whole.lifetime ?? LifetimePolicy(.keep)
        // Who wrote what is the definition's matter.
        whole.explicit = nil
        return whole
    }

    private static func decided(_ wish: Readiness) -> Readiness {
        var readiness = wish
        readiness.timeoutSeconds = readiness.timeoutSeconds ?? Readiness.defaultTimeoutSeconds
        return readiness
    }

    private static func decided(_ wish: RestartPolicy) -> RestartPolicy {
        var policy = wish
        policy.mode = policy.mode ?? .never
        guard policy.mode != .never else { return policy }
        policy.delaySeconds = policy.delaySeconds ?? RestartPolicy.defaultDelaySeconds
        policy.maximumDelaySeconds = policy.maximumDelaySeconds ?? RestartPolicy.defaultMaximumDelaySeconds
        policy.resetAfterSeconds = policy.resetAfterSeconds ?? RestartPolicy.defaultResetAfterSeconds
        policy.limit = policy.limit ?? RestartPolicy.defaultLimit
        return policy
    }

    private static func decided(_ wish: HealthPolicy) -> HealthPolicy {
        var policy = wish
        policy.intervalSeconds = policy.intervalSeconds ?? HealthPolicy.defaultIntervalSeconds
        policy.timeoutSeconds = policy.timeoutSeconds ?? HealthPolicy.defaultTimeoutSeconds
        policy.threshold = policy.threshold ?? HealthPolicy.defaultThreshold
        policy.action = policy.action ?? .report
        return policy
    }

    private static func decided(_ wish: LogPolicy) -> LogPolicy {
        var policy = wish
        policy.target = policy.target ?? .files
        guard policy.target == .files else { return policy }
        policy.maximumBytes = policy.maximumBytes ?? LogPolicy.defaultMaximumBytes
        policy.maximumAgeSeconds = policy.maximumAgeSeconds ?? 0
        policy.keep = policy.keep ?? LogPolicy.defaultKeep
        return policy
    }
}
