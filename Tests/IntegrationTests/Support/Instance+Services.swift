import XPMProtocol

/// Experiments and services over the protocol, in the fewest words.
extension Instance {
    /// Opens a run, by default of the experiment's only one.
    @discardableResult
    func open(_ experiment: String, run: String? = "r1", in workspace: String? = nil, mode: RunMode? = nil) throws
        -> RunIdentity
    {
        try call(
            OpenExperiment(workspace: workspace ?? self.workspace, experiment: experiment, run: run, runMode: mode)
        ).identity
    }

    /// The time in which a service of a test becomes ready, where the test is not about that time, in seconds.
    static let longTimeout = 600.0

    /// Adds a command to a run.
    @discardableResult
    func add(
        _ id: String, _ arguments: [String], to run: RunIdentity, folder: String? = nil, readiness: Readiness? = nil,
        stop: StopPolicy? = nil
    ) throws -> ServiceRecord {
        var readiness = readiness
        // No test waits for time: what it holds up is not to become ERROR meanwhile.
        if readiness?.timeoutSeconds == nil { readiness?.timeoutSeconds = Self.longTimeout }
        let definition = ServiceDefinition(
            run: .command(arguments), folder: folder, environment: serviceEnvironment, readiness: readiness, stop: stop)
        return try call(AddService(to: run, id: id, definition: definition)).service
    }

    /// Adds a shell script to a run, with whatever else its definition is to say.
    @discardableResult
    func addScript(
        _ id: String, _ script: String, to run: RunIdentity, defining: (inout ServiceDefinition) -> Void
    ) throws -> ServiceRecord {
        var definition = ServiceDefinition(
            run: .command(["/bin/sh", "-c", script]), environment: serviceEnvironment,
            stop: StopPolicy(graceSeconds: 5))
        defining(&definition)
        if definition.readiness?.timeoutSeconds == nil { definition.readiness?.timeoutSeconds = Self.longTimeout }
        return try call(AddService(to: run, id: id, definition: definition)).service
    }

    /// Adds a shell script to a run.
    @discardableResult
    func addScript(
        _ id: String, _ script: String, to run: RunIdentity, readiness: Readiness? = nil, stop: StopPolicy? = nil
    ) throws -> ServiceRecord {
        try add(id, ["/bin/sh", "-c", script], to: run, readiness: readiness, stop: stop)
    }

    /// What a service is started with: nothing that would lead it to this instance's xpmd.
    var serviceEnvironment: [String: String] { environment.filter { !$0.key.hasPrefix("XPMD_") } }

    /// Starts a service and waits until it runs.
    @discardableResult
    func start(_ id: String) throws -> ServiceRecord {
        try call(StartService(ServiceReference(parsing: id)))
        return try wait(id, for: .running)
    }

    /// Starts a service and returns once that is durable.
    @discardableResult
    func begin(_ id: String) throws -> ServiceRecord { try call(StartService(ServiceReference(parsing: id))) }

    /// Stops a service and waits until nothing of it is left.
    @discardableResult
    func stop(_ id: String) throws -> ServiceRecord {
        try call(StopService(ServiceReference(parsing: id)))
        return try wait(id, for: .ended)
    }

    /// Waits for a service as `service.wait` does.
    @discardableResult
    func wait(_ id: String, for goal: WaitService.Goal) throws -> ServiceRecord {
        try call(WaitService(ServiceReference(parsing: id), goal: goal, timeoutSeconds: 100))
    }

    /// A service as it is now.
    func service(_ id: String) throws -> ServiceRecord { try call(GetService(ServiceReference(parsing: id))).service }

    /// The end of a log.
    func log(_ id: String, _ stream: ServiceLogs.Stream = .stdout, lines: Int = 1000) throws -> String {
        try call(ServiceLogs(ServiceReference(parsing: id), stream: stream, lines: lines)).piece.text
    }

    /// All services.
    func list() throws -> [ServiceRecord] { try call(ListServices()).services }
}
