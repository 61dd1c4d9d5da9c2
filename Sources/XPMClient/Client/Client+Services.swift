import XPMProtocol

/// A short name means a service of the folder that this process is in, as for xpmctl: what changes a service, or waits for it, does
/// not reach into another folder unless experiment or workspace are named; `status` and `logs` do where nothing here fits. A
/// reference with a `near` of its own is taken as it is.
extension Client {
    /// Adds a service to an open run, or finds the same one again; `conflict` where it runs with another definition, unless with
    /// `update`, which restarts it. Where the definition says nothing of its `caller` that is this process.
    @discardableResult
    public func add(
        to run: RunIdentity, id: String, description: String? = nil, definition: ServiceDefinition,
        subServices: [AddService.SubService]? = nil, update: Bool = false
    ) async throws -> AddService.Reply {
        try await call(
            AddService(
                to: run, id: id, description: description, definition: definition, subServices: subServices,
                update: update ? true : nil
            ).fromThisProcess)
    }

    /// Wants a service to run; returns as soon as that is durable. `cause` is what its events say of the start.
    @discardableResult
    public func start(_ service: ServiceReference, cause: String? = nil) async throws -> ServiceRecord {
        try await call(StartService(service.ofThisFolder, cause: cause))
    }

    /// Reports traffic of a service, which keeps it awake if its definition has `idle`: traffic that is over, or, with `active`, that
    /// goes on until false is reported, the lease is over or the connection ends.
    public func reportActivity(_ service: ServiceReference, active: Bool? = nil, lease: Duration? = nil) async throws {
        var request = ReportActivity(service.ofThisFolder)
        (request.active, request.leaseSeconds) = (active, lease?.inSeconds)
        _ = try await call(request)
    }

    /// Wants a service not to run; returns as soon as that is durable. With `force` its processes get SIGKILL at once, with `grace`
    /// they have so long to end.
    @discardableResult
    public func stop(
        _ service: ServiceReference, force: Bool = false, grace: Duration? = nil
    ) async throws -> ServiceRecord {
        try await call(StopService(service.ofThisFolder, force: force ? true : nil, graceSeconds: grace?.inSeconds))
    }

    /// Ends the service's process, where it has one, and starts a new attempt. `force` and `grace` are those of a stop.
    ///
    /// Over a restart or crash of xpmd it finds out whether that was done, and asks again where it was not.
    @discardableResult
    public func restart(
        _ service: ServiceReference, force: Bool = false, grace: Duration? = nil
    ) async throws -> ServiceRecord {
        let request = RestartService(service.ofThisFolder, force: force ? true : nil, graceSeconds: grace?.inSeconds)
        return try await ask { (session) throws(WireError) in try session.restart(request) }
    }

    /// Sends a signal to a service's main process, with `all` to all its processes.
    @discardableResult
    public func signal(_ service: ServiceReference, _ signal: String, all: Bool = false) async throws -> ServiceRecord {
        try await call(SignalService(service.ofThisFolder, signal: signal, all: all ? true : nil))
    }

    /// Forgets a service that has no process.
    @discardableResult
    public func remove(_ service: ServiceReference) async throws -> ServiceRecord {
        try await call(RemoveService(service.ofThisFolder))
    }

    /// One service with its definition; with `usage` its record tells what it uses.
    public func status(_ service: ServiceReference, usage: Bool = false) async throws -> GetService.Reply {
        try await call(GetService(service.nearThisFolder, usage: usage ? true : nil))
    }

    /// All services that match, in the order in which they were added; nil matches all. With `usage` each record tells what its service uses.
    public func list(
        workspace: String? = nil, experiment: String? = nil, run: String? = nil, usage: Bool = false
    ) async throws -> [ServiceRecord] {
        var services: [ServiceRecord] = []
        var cursor: Int64?
        repeat {
            let page = try await call(
                ListServices(
                    workspace: workspace, experiment: experiment, run: run, cursor: cursor, usage: usage ? true : nil))
            services += page.services
            cursor = page.next
        } while cursor != nil
        return services
    }

    /// Waits until a service has come to `goal`: `startFailed` where it cannot any more, `timedOut` after `timeout`. With `since`, the
    /// revision of what `stop` has returned, `overtaken` where it was started again after that.
    ///
    /// With `steady` a service without conditions of readiness has to have been RUNNING for so long: one that fails at once is then
    /// `startFailed`. The wait goes on over restarts and crashes of xpmd.
    @discardableResult
    public func wait(
        _ service: ServiceReference, for goal: WaitService.Goal = .running, timeout: Duration? = nil,
        since: Int64? = nil, steady: Duration? = nil
    ) async throws -> ServiceRecord {
        let (service, end) = (service.ofThisFolder, timeout.map { ContinuousClock.now + $0 })
        return try await callAlone(
            WaitService(
                service, goal: goal, timeoutSeconds: end.map { max(0, ContinuousClock.now.duration(to: $0).inSeconds) },
                since: since, steadySeconds: steady?.inSeconds))
    }

    /// The templates that can be started.
    public func templates() async throws -> [TemplateRecord] { try await call(ListTemplates()).templates }
}

extension Duration {
    /// The wire has seconds.
    var inSeconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }
}
