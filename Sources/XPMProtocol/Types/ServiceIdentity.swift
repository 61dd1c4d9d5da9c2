/// A service inside one run; the full name is `experiment@run:id`, where a sub-service's id is `parent/sub`.
public struct ServiceIdentity: Codable, Hashable, Sendable {
    /// The run that it belongs to.
    public var run: RunIdentity
    /// The id within the run.
    public var id: String

    /// The service `id` of `run`.
    public init(run: RunIdentity, id: String) {
        self.run = run
        self.id = id
    }

    /// `experiment@run:id`. Two workspaces may hold services of the same full name.
    public var fullName: String { "\(run.experiment)@\(run.run):\(id)" }

    /// The id of the composite that a sub-service belongs to.
    public var parent: String? {
        id.firstIndex(of: "/").map { String(id[..<$0]) }
    }
}
