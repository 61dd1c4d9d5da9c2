/// A run of an experiment as it is stored. The store reads none of the texts.
public struct ExperimentRow: Hashable, Sendable {
    /// Its never-reused number, from the sequence that it shares with services.
    public var key: Int64
    /// The workspace's folder.
    public var workspace: String
    /// The experiment's name, shared by its runs.
    public var name: String
    /// The run's id.
    public var run: String
    /// The run mode, by its name on the wire.
    public var mode: String
    /// How far it is, by its name on the wire.
    public var status: String
    /// Milliseconds since 1970.
    public var openedAt: Int64
    /// Milliseconds since 1970; nil while the run is open.
    public var closedAt: Int64?
    /// What is known of it beside, as JSON.
    public var details: String

    /// A run with all that is stored of it.
    public init(
        key: Int64, workspace: String, name: String, run: String, mode: String, status: String, openedAt: Int64,
        closedAt: Int64? = nil, details: String = "{}"
    ) {
        self.key = key
        self.workspace = workspace
        self.name = name
        self.run = run
        self.mode = mode
        self.status = status
        self.openedAt = openedAt
        self.closedAt = closedAt
        self.details = details
    }
}
