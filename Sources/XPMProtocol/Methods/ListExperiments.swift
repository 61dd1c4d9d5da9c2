/// All runs that xpmd knows, the newest last.
public struct ListExperiments: Method {
    public static let name = "experiment.list"
    public static var isQuestion: Bool { true }

    /// Only runs of this workspace.
    public var workspace: String?
    /// Only runs of this experiment.
    public var experiment: String?

    /// The runs of `experiment` in `workspace`; nil matches all.
    public init(workspace: String? = nil, experiment: String? = nil) {
        self.workspace = workspace
        self.experiment = experiment
    }

    /// The runs found.
    public struct Reply: Codable, Hashable, Sendable {
        public var experiments: [ExperimentRecord]

        /// A list of runs.
        public init(experiments: [ExperimentRecord]) { self.experiments = experiments }
    }
}
