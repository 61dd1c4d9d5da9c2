/// A service as it is stored. The store reads none of the texts.
public struct ServiceRow: Hashable, Sendable {
    /// Its never-reused number, from the sequence that it shares with experiments.
    public var key: Int64
    /// The key of the experiment that it belongs to.
    public var experiment: Int64
    /// Its id within the run.
    public var id: String
    /// One line for people.
    public var description: String
    /// How to run it, as JSON.
    public var definition: String
    /// Whether it should be running.
    public var wanted: Bool
    /// What is known of it now, as JSON.
    public var runtime: String

    /// A service with all that is stored of it.
    public init(
        key: Int64, experiment: Int64, id: String, description: String, definition: String, wanted: Bool,
        runtime: String
    ) {
        self.key = key
        self.experiment = experiment
        self.id = id
        self.description = description
        self.definition = definition
        self.wanted = wanted
        self.runtime = runtime
    }
}
