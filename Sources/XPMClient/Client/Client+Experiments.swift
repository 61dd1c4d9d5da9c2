import XPMProtocol

extension Client {
    /// Registers a run, or finds it again; without `run` xpmd names a new one after the time.
    public func openExperiment(
        workspace: String, experiment: String, run: String? = nil, runMode: RunMode? = nil
    ) async throws -> ExperimentRecord {
        try await call(OpenExperiment(workspace: workspace, experiment: experiment, run: run, runMode: runMode))
    }

    /// Says that a run has ended. Its services stay as they are.
    @discardableResult
    public func closeExperiment(
        _ run: RunIdentity, status: ExperimentRecord.Status = .done
    ) async throws -> ExperimentRecord {
        try await call(CloseExperiment(run, status: status))
    }

    /// All runs that match, the newest last; nil matches all.
    public func experiments(workspace: String? = nil, experiment: String? = nil) async throws -> [ExperimentRecord] {
        try await call(ListExperiments(workspace: workspace, experiment: experiment)).experiments
    }
}
