/// After how long without traffic a service is stopped.
public struct IdlePolicy: Codable, Hashable, Sendable {
    /// Seconds without traffic after which it is stopped; nil for never.
    public var afterSeconds: Double?
    /// What is asked before that: it is not stopped while it is busy.
    public var probe: ActivityProbe?

    /// A stop after `afterSeconds` without traffic, unless `probe` finds it busy.
    public init(afterSeconds: Double? = nil, probe: ActivityProbe? = nil) {
        self.afterSeconds = afterSeconds
        self.probe = probe
    }

    private enum CodingKeys: String, CodingKey {
        case probe
        case afterSeconds = "after_s"
    }
}

/// What tells whether a service is busy without traffic: a page, or a command.
public struct ActivityProbe: Codable, Hashable, Sendable {
    /// A page whose JSON tells it.
    public var http: ActivityPage?
    /// A command and its arguments: exit code 0 means busy, 1 idle.
    public var command: [String]?

    /// A probe of `http` or by `command`.
    public init(http: ActivityPage? = nil, command: [String]? = nil) {
        self.http = http
        self.command = command
    }
}

/// A page of JSON that tells of activity, such as `/api/kernels` of Jupyter.
public struct ActivityPage: Codable, Hashable, Sendable {
    /// Its path and query, on the service's port.
    public var path: String
    /// Names of members that lead to the value, with dots between; `*` stands for all elements of an array or members of an object.
    ///
    /// A time is that of its last activity. It is busy if a value is a number above 0, true, or the text `busy`.
    public var field: String

    /// The value at `field` of the page at `path`.
    public init(path: String, field: String) {
        self.path = path
        self.field = field
    }
}
