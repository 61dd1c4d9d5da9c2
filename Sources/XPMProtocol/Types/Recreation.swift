/// With what a Python class is made again: the surroundings of the process that first made the service.
public struct Recreation: Codable, Hashable, Sendable {
    /// The interpreter, an absolute path. Where not given, one that is known for the experiment or its workspace, or the configured one.
    public var python: String?
    /// How the interpreter is known (default: by whoever wrote the definition).
    public var pythonFrom: InterpreterReport.Source?
    /// Folders in front of the interpreter's own `sys.path`, in order.
    public var path: [String]?
    /// The script whose `__main__` has the class, an absolute path; the class is `__main__.Name` then.
    public var main: String?
    /// What that script's `sys.argv` has behind its path: scripts read it when they are imported, too.
    public var argv: [String]?
    /// Which sub-service of the class is meant (default: the class itself).
    public var part: String?

    /// Surroundings; what is nil is found out or does not apply.
    public init(
        python: String? = nil, pythonFrom: InterpreterReport.Source? = nil, path: [String]? = nil, main: String? = nil,
        argv: [String]? = nil, part: String? = nil
    ) {
        self.python = python
        self.pythonFrom = pythonFrom
        self.path = path
        self.main = main
        self.argv = argv
        self.part = part
    }

    private enum CodingKeys: String, CodingKey {
        case python, path, main, argv, part
        case pythonFrom = "python_from"
    }
}

/// The interpreter in which a service is made again, and how it is known.
public struct InterpreterReport: Codable, Hashable, Sendable {
    /// How an interpreter is known.
    public enum Source: String, WordChoice, Sendable {
        /// Whoever added the service named it.
        case definition
        /// The experiment's process ran in it.
        case process
        /// The first line of a job's script named it.
        case job
        /// Another service of the experiment, or of its workspace, ran in it.
        case remembered
        /// The settings name it for all others.
        case configured
    }

    /// An absolute path.
    public var python: String
    /// How it is known.
    public var from: Source

    /// The interpreter at `python`.
    public init(python: String, from: Source) {
        self.python = python
        self.from = from
    }
}
