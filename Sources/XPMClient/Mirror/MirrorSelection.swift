import XPMProtocol

/// Which runs and services a mirror shows: those for which everything that is given holds.
public struct MirrorSelection: Hashable, Sendable {
    /// Only those of this workspace, an absolute path.
    public let workspace: String?
    /// Only those of experiments of this name.
    public let experiment: String?
    /// Only those of runs of this name.
    public let run: String?

    /// All that xpmd knows.
    public static let everything = MirrorSelection()

    private init() { (workspace, experiment, run) = (nil, nil, nil) }

    /// What belongs to `workspace`, `experiment` and `run`; nil matches all. `invalidParameters` for a workspace that is no absolute
    /// path.
    public init(workspace: String? = nil, experiment: String? = nil, run: String? = nil) throws(WireError) {
        self.workspace = try workspace.map { (path) throws(WireError) in try WorkspacePath.normalized(path) }
        self.experiment = experiment
        self.run = run
    }

    /// Whether a run, and with it its services, is shown.
    public func includes(_ identity: RunIdentity) -> Bool {
        workspace.map { $0 == identity.workspace } ?? true && experiment.map { $0 == identity.experiment } ?? true
            && run.map { $0 == identity.run } ?? true
    }
}
