import ArgumentParser
import XPMProtocol

/// What a service may use.
struct LimitOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("Memory limit, such as 2G or 512M; a service that exceeds it is killed.", valueName: "size"),
        transform: { try Size.bytes($0) })
    var memory: Int64?
    @Option(help: ArgumentHelp("Limit on processes and threads.", valueName: "number")) var tasks: Int64?
    @Option(
        help: ArgumentHelp(
            "CPU weight relative to other processes, 1 to 10000 (default: 100).", valueName: "weight"))
    var cpuWeight: Int?
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Nice value, -20 (highest priority) to 19 (lowest).", valueName: "number"))
    var nice: Int?
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "OOM score adjustment, -1000 (never killed when memory runs out) to 1000 (killed first).",
            valueName: "number"))
    var oomScore: Int?
    @Option(
        name: .customLong("rlimit"),
        help: ArgumentHelp(
            "Resource limit of each process, such as nofile=65536; can be repeated.", valueName: "name=number"),
        transform: { try ResourceLimit($0) })
    var resources: [ResourceLimit] = []

    /// Nil where nothing is given.
    var policy: ResourceLimits? {
        let named = Dictionary(resources.map { ($0.name, $0.value) }) { _, last in last }
        let policy = ResourceLimits(
            memoryBytes: memory, tasks: tasks, cpuWeight: cpuWeight, nice: nice, oomScore: oomScore,
            rlimits: named.isEmpty ? nil : named)
        return policy == ResourceLimits() ? nil : policy
    }
}
