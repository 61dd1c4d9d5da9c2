/// Registers a run of an experiment, or finds it again.
public struct OpenExperiment: Method {
    public static let name = "experiment.open"

    /// The workspace folder, an absolute path.
    public var workspace: String
    /// The experiment's name.
    public var experiment: String
    /// The run's id (default: the local time, `20261122_101500`, with `.1`, `.2` after it if that is taken).
    public var run: String?
    /// How it runs (default: NORMAL).
    public var runMode: RunMode?
    /// Whether the run ends, as failed, with the last connection that holds it so, unless it was closed before.
    public var hold: Bool?

    /// Opens `run` of `experiment` in `workspace`.
    public init(
        workspace: String, experiment: String, run: String? = nil, runMode: RunMode? = nil, hold: Bool? = nil
    ) {
        self.workspace = workspace
        self.experiment = experiment
        self.run = run
        self.runMode = runMode
        self.hold = hold
    }

    public typealias Reply = ExperimentRecord

    private enum CodingKeys: String, CodingKey {
        case workspace, experiment, run, hold
        case runMode = "run_mode"
    }
}
