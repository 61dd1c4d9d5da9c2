import XPMKeeping
import XPMProtocol

/// What a service may use, checked, in the keeper's terms.
struct LimitsPlan: Hashable {
    var memory: UInt64 = 0
    var tasks: UInt64 = 0
    var cpuWeight: UInt32 = 0
    var nice: Int32?
    var oomScore: Int32?
    var resources: [Resource] = []

    struct Resource: Hashable {
        var number: UInt8
        var limit: UInt64
    }

    init(_ limits: ResourceLimits) throws(WireError) {
        memory = UInt64(try Self.within(limits.memoryBytes, 1 << 20, 1 << 60, "the memory limit in bytes") ?? 0)
        tasks = UInt64(try Self.within(limits.tasks, 1, 1 << 22, "the task limit") ?? 0)
        cpuWeight = UInt32(try Self.within(limits.cpuWeight.map(Int64.init), 1, 10000, "the CPU weight") ?? 0)
        nice = try Self.within(limits.nice.map(Int64.init), -20, 19, "nice").map(Int32.init)
        oomScore = try Self.within(limits.oomScore.map(Int64.init), -1000, 1000, "the OOM score").map(Int32.init)
        for (name, limit) in (limits.rlimits ?? [:]).sorted(by: { $0.key < $1.key }) {
            guard let number = ResourceName.numbers[name] else {
                throw WireError(
                    .invalidParameters,
                    "cannot limit \(Name.quoted(name)): known are \(ResourceName.numbers.keys.sorted().joined(separator: ", "))"
                )
            }
            let limit = try Self.within(limit, -1, .max, "the limit \(name)") ?? -1
            resources.append(Resource(number: number, limit: limit < 0 ? .max : UInt64(limit)))
        }
    }

    private static func within(_ value: Int64?, _ least: Int64, _ most: Int64, _ thing: String) throws(WireError)
        -> Int64?
    {
        guard let value, !(least...most).contains(value) else { return value }
        throw WireError(.invalidParameters, "cannot use \(value) as \(thing): it must be \(least) to \(most)")
    }

    /// The same for a spawn order.
    var extras: SpawnExtras {
        SpawnExtras(
            nice: nice, oomScore: oomScore,
            resourceLimits: resources.map { .init(resource: $0.number, limit: $0.limit) }, memory: memory, tasks: tasks,
            cpuWeight: cpuWeight)
    }

    /// The limits that nobody enforces where a cgroup has only `controllers`, for people.
    func unenforced(by controllers: [String]) -> [String] {
        var notes: [String] = []
        if memory > 0, !controllers.contains("memory") {
            notes.append(
                "the memory limit applies to each process separately: there is no cgroup with a memory controller")
        }
        if tasks > 0, !controllers.contains("pids") {
            notes.append("the task limit is not enforced: there is no cgroup with a pids controller")
        }
        if cpuWeight > 0, !controllers.contains("cpu") {
            notes.append("the CPU weight has no effect: there is no cgroup with a CPU controller")
        }
        return notes
    }
}
