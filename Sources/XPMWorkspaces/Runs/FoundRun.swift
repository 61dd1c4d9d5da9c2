import XPMProtocol

/// A run by its names in the workspace.
public struct RunName: Hashable, Sendable {
    public var experiment: String
    public var run: String

    /// The run `run` of `experiment`.
    public init(experiment: String, run: String) {
        self.experiment = experiment
        self.run = run
    }
}

/// A run as the workspace's files tell of it.
public struct FoundRun: Hashable, Sendable {
    public var name: RunName
    /// Whether it goes on, by the experiment's lock, and how it ended.
    public var status: ExperimentRecord.Status
    /// Why it has ended so, a phrase.
    public var cause: String?
    public var startedAt: Timestamp?
    public var endedAt: Timestamp?
    public var services: [FoundService] = []
    /// Whether it has no services but these: its own process wrote them down at its end.
    public var isComplete = false
    /// Whether its process let go of it and left its jobs to themselves: it is `done`, though its status.json goes on saying
    /// that it runs. Like `isComplete` it is the run's own word, and right where a lock that nobody holds told less.
    public var isDetached = false
    /// What the experiment's process runs in, while that is there.
    public var interpreter: Interpreter?
}
