import XPMProtocol

/// One experiment in one workspace, with all its runs.
public struct ExperimentIdentity: Hashable, Sendable {
    /// The workspace folder, an absolute path.
    public var workspace: String
    /// The experiment's name.
    public var experiment: String

    /// The experiment named `experiment` in `workspace`.
    public init(workspace: String, experiment: String) {
        self.workspace = workspace
        self.experiment = experiment
    }
}

extension RunIdentity {
    /// The experiment that it is a run of.
    public var owner: ExperimentIdentity { ExperimentIdentity(workspace: workspace, experiment: experiment) }
}
