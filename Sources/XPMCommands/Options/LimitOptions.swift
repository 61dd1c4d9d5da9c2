import ArgumentParser
import XPMProtocol

/// What a service may use.
struct LimitOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("The most memory, 2G or 512M; beyond that it is killed.", valueName: "size"),
        transform: { try Size.bytes($0) })
    var memory: Int64?
    @Option(help: ArgumentHelp("The most processes and threads.", valueName: "number")) var tasks: Int64?
    @Option(
        help: ArgumentHelp(
            "Its share of the processor where others want it too, 1 to 10000; everybody has 100.", valueName: "weight"))
    var cpuWeight: Int?
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Its priority, -20 to 19, 19 being the lowest.", valueName: "number"))
    var nice: Int?
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "How soon the kernel kills it when memory runs out, -1000 to 1000.", valueName: "number"))
    var oomScore: Int?
    @Option(
        name: .customLong("rlimit"),
        help: ArgumentHelp("A limit of each process, nofile=65536; can be repeated.", valueName: "name=number"),
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
