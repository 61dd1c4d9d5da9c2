/// Watches a workspace no longer, and forgets what was only found there and has no process.
public struct UnwatchWorkspace: Method {
    public static let name = "workspace.unwatch"

    /// The workspace folder, an absolute path.
    public var workspace: String

    /// Leaves `workspace` alone.
    public init(workspace: String) { self.workspace = workspace }

    public typealias Reply = WorkspaceRecord
}
