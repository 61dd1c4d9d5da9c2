/// Says that a run has ended. Its services stay as they are, but for those that are to end with it.
public struct CloseExperiment: Method {
    public static let name = "experiment.close"

    public var workspace: String
    public var experiment: String
    public var run: String
    /// How it ended, `done` or `failed` (default: done).
    public var status: ExperimentRecord.Status?

    /// The end of a run.
    public init(_ identity: RunIdentity, status: ExperimentRecord.Status? = nil) {
        workspace = identity.workspace
        experiment = identity.experiment
        run = identity.run
        self.status = status
    }

    /// Which run.
    public var identity: RunIdentity { RunIdentity(workspace: workspace, experiment: experiment, run: run) }

    public typealias Reply = ExperimentRecord
}
