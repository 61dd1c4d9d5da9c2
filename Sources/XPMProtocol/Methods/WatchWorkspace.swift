/// Lists the services of every run in a workspace of experimaestro from now on.
public struct WatchWorkspace: Method {
    public static let name = "workspace.watch"

    /// The workspace folder, an absolute path.
    public var workspace: String

    /// Watches `workspace`.
    public init(workspace: String) { self.workspace = workspace }

    /// What is watched.
    public struct Reply: Codable, Hashable, Sendable {
        public var workspace: WorkspaceRecord
        /// Whether it was not watched before.
        public var added: Bool

        /// The answer about `workspace`.
        public init(workspace: WorkspaceRecord, added: Bool) {
            self.workspace = workspace
            self.added = added
        }
    }
}
