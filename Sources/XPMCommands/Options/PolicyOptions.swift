import ArgumentParser
import XPMProtocol

/// What becomes of a service once it runs, of a command as of a template.
struct PolicyOptions: ParsableArguments {
    @OptionGroup(title: "Restarts") var restart: RestartOptions
    @OptionGroup(title: "Health checks") var health: HealthOptions
    @OptionGroup(title: "Dependencies") var order: OrderOptions
    @OptionGroup(title: "Stopping") var stop: StopOptions
    @OptionGroup(title: "Lifetime") var lifetime: LifetimeOptions
    @OptionGroup(title: "Web page") var web: WebOptions
    @OptionGroup(title: "Limits") var limits: LimitOptions
    @OptionGroup(title: "Logs") var log: LogOptions

    /// Puts into a definition what is given; the rest stays with the template, or with the defaults.
    func apply(to definition: inout ServiceDefinition) {
        definition.restart = restart.policy
        definition.successCodes = restart.successCodes.isEmpty ? nil : restart.successCodes
        definition.onFailure = restart.onFailure
        definition.health = health.policy
        definition.watchdogSeconds = health.watchdog
        definition.after = order.after.isEmpty ? nil : order.after
        definition.requires = order.requires.isEmpty ? nil : order.requires
        definition.requiresCompleted = order.requiresCompleted.isEmpty ? nil : order.requiresCompleted
        definition.wants = order.wants.isEmpty ? nil : order.wants
        definition.stop = stop.policy
        definition.lifetime = lifetime.policy
        definition.web = web.webPrefix.map { WebPolicy(prefix: $0) }
        definition.idle = web.idle.map { IdlePolicy(afterSeconds: $0) }
        definition.network = web.network
        definition.limits = limits.policy
        definition.log = log.policy
        definition.tty = log.terminal
    }

    /// Whether anything is given.
    var areGiven: Bool {
        let nothing = ServiceDefinition(run: .composite)
        var definition = nothing
        apply(to: &definition)
        return definition != nothing
    }
}
