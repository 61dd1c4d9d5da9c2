/// One run of one experiment in one workspace.
public struct RunIdentity: Codable, Hashable, Sendable {
    /// The workspace folder, an absolute path.
    public var workspace: String
    /// The experiment's name.
    public var experiment: String
    /// The run's id, `20261122_101500` where xpmd chose it.
    public var run: String

    /// The run named `run` of `experiment` in `workspace`.
    public init(workspace: String, experiment: String, run: String) {
        self.workspace = workspace
        self.experiment = experiment
        self.run = run
    }
}
