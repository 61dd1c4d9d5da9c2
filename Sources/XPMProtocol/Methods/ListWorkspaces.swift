/// The workspaces that are watched, in the order of asking.
public struct ListWorkspaces: Method {
    public static let name = "workspace.list"
    public static var isQuestion: Bool { true }

    /// All of them.
    public init() {}

    /// The workspaces.
    public struct Reply: Codable, Hashable, Sendable {
        public var workspaces: [WorkspaceRecord]

        /// A list of workspaces.
        public init(workspaces: [WorkspaceRecord]) { self.workspaces = workspaces }
    }
}
