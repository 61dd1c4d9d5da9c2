/// What a service of a run is made again with.
public struct Interpreter: Hashable, Sendable {
    /// Who told it.
    public enum Source: Hashable, Sendable {
        /// The experiment's process.
        case process
        /// The script of a job.
        case job
    }

    /// An absolute path; nil where only folders of modules are known.
    public var python: String?
    public var source: Source
    /// Folders of modules before those of the interpreter, in the order of `sys.path`.
    public var path: [String] = []
    /// The script that is `__main__` there.
    public var main: String?
}
