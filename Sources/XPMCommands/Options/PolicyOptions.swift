import ArgumentParser
import XPMProtocol

/// What becomes of a service once it runs, of a command as of a template.
struct PolicyOptions: ParsableArguments {
    @OptionGroup(title: "When it is started again by itself") var restart: RestartOptions
    @OptionGroup(title: "How it is watched while it runs") var health: HealthOptions
    @OptionGroup(title: "Order") var order: OrderOptions
    @OptionGroup(title: "How it is ended") var stop: StopOptions
    @OptionGroup(title: "When its run ends") var lifetime: LifetimeOptions
    @OptionGroup(title: "What it may use") var limits: LimitOptions
    @OptionGroup(title: "What becomes of its output") var log: LogOptions

    /// Puts into a definition what is given; the rest stays with the template, or with the defaults.
    func apply(to definition: inout ServiceDefinition) {
        definition.restart = restart.policy
        definition.successCodes = restart.successCodes.isEmpty ? nil : restart.successCodes
        definition.health = health.policy
        definition.watchdogSeconds = health.watchdog
        definition.after = order.after.isEmpty ? nil : order.after
        definition.requires = order.requires.isEmpty ? nil : order.requires
        definition.stop = stop.policy
        definition.lifetime = lifetime.policy
        definition.limits = limits.policy
        definition.log = log.policy
    }

    /// Whether anything is given.
    var areGiven: Bool {
        let nothing = ServiceDefinition(run: .composite)
        var definition = nothing
        apply(to: &definition)
        return definition != nothing
    }
}
