import NIOCore
import XPMProtocol
import XPMSupervision
import XPMTemplates

@testable import XPMDaemon

/// Entries as a supervisor holds them, for tests that need no supervisor.
struct Samples {
    private(set) var registry = Registry()
    private var lastKey: Int64 = 0

    private mutating func nextKey() -> Int64 {
        lastKey += 1
        return lastKey
    }

    /// Adds a service, and its run where that is new; later calls are newer.
    @discardableResult
    mutating func add(_ name: String, in workspace: String = "/w", run kind: Run = .command(["/bin/true"])) throws
        -> ServiceEntry
    {
        let reference = try ServiceReference(parsing: name)
        let run = RunIdentity(
            workspace: workspace, experiment: reference.experiment ?? "exp", run: reference.run ?? "r1")
        let experiment: ExperimentEntry
        if let known = registry.experiment(run) {
            experiment = known
        } else {
            experiment = ExperimentEntry(
                key: nextKey(),
                record: ExperimentRecord(identity: run, runMode: .normal, openedAt: Timestamp(milliseconds: 0)))
            registry.insert(experiment)
        }
        let entry = try Self.entry(
            ServiceIdentity(run: run, id: reference.id), key: nextKey(), in: experiment, run: kind)
        registry.insert(entry)
        return entry
    }

    mutating func remove(_ entry: ServiceEntry) { registry.remove(entry) }

    mutating func insert(_ entry: ServiceEntry) { registry.insert(entry) }

    static func entry(
        _ identity: ServiceIdentity, key: Int64, in experiment: ExperimentEntry, run kind: Run
    ) throws -> ServiceEntry {
        let definition = ServiceDefinition(run: kind)
        let plan = try ServicePlan(
            definition, id: identity.id, workspace: identity.run.workspace, templates: TemplateShelf(folders: []),
            own: [:])
        return ServiceEntry(
            key: key, experiment: experiment, identity: identity, description: "", definition: definition, plan: plan,
            runtime: Runtime(since: Timestamp(milliseconds: 0)),
            stateFolder: "/state")
    }
}

extension TemplateShelf {
    /// What is in these folders now.
    init(folders: [String]) {
        self.init()
        for path in folders {
            for (name, file) in TemplateFolder.files(in: path) {
                var source = TemplateSource(name: name, path: file)
                templates[name] = Result { () throws(WireError) in try source.template() }
            }
        }
    }
}
