/// A process that xpmd's keeper has and that no service on record owns. Keys that do not apply are left out.
public struct StrayRecord: Codable, Hashable, Sendable {
    /// Its number, by which it is adopted, stopped or ignored; that of the attempt that it once was.
    public var stray: UInt64
    /// The main process; left out where that has ended and only processes that it has started are left.
    public var pid: Int32?
    /// All of its processes that are left, where the main one has ended.
    public var processes: [Int32]?
    /// When the process began.
    public var since: Timestamp?
    /// Its command and arguments.
    public var command: [String]?
    /// The folder that it is in.
    public var folder: String?
    /// The files that its output goes to.
    public var stdout: String?
    public var stderr: String?
    /// The service that it was started for, as its environment says.
    public var workspace: String?
    public var experiment: String?
    public var run: String?
    public var id: String?
    /// Why no service has it, a clause, where that is known.
    public var cause: String?
    /// Whether it is ignored: no longer counted or reported.
    public var ignored: Bool?
    /// Whether it is being stopped.
    public var stopping: Bool?

    /// A stray of which nothing more is known.
    public init(stray: UInt64) { self.stray = stray }

    /// The service that it was started for.
    public var service: ServiceIdentity? {
        guard let workspace, let experiment, let run, let id else { return nil }
        return ServiceIdentity(run: RunIdentity(workspace: workspace, experiment: experiment, run: run), id: id)
    }
}
