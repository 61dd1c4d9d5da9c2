/// A way to name a service: its full name or any unambiguous shorter form.
///
/// `tensorboard`, `my_experiment:tensorboard`, `my_experiment@20261122_101500:monitoring/wandb`. Where no run is named the
/// newest that has such a service is meant. On the wire either such a string or an object with the parts.
public struct ServiceReference: Hashable, Sendable {
    /// Only services of this workspace, an absolute path.
    public var workspace: String?
    /// Only services of experiments of this name.
    public var experiment: String?
    /// Only services of this run.
    public var run: String?
    /// The id, of a sub-service `parent/sub`.
    public var id: String
    /// The caller's folder: where a name fits several workspaces, the nearest one around this folder is meant.
    public var near: String?
    /// Whether services of folders that are not around `near` are meant only where the experiment or the workspace is named.
    public var here: Bool?

    /// Names a service by parts; nil parts match everything.
    public init(
        id: String, experiment: String? = nil, run: String? = nil, workspace: String? = nil, near: String? = nil,
        here: Bool? = nil
    ) {
        self.id = id
        self.experiment = experiment
        self.run = run
        self.workspace = workspace
        self.near = near
        self.here = here
    }

    /// Names exactly one service.
    public init(_ identity: ServiceIdentity) {
        self.init(
            id: identity.id, experiment: identity.run.experiment, run: identity.run.run,
            workspace: identity.run.workspace)
    }

    /// Reads `[experiment[@run]:]id[/sub]`.
    public init(parsing text: String, near: String? = nil, here: Bool? = nil) throws(WireError) {
        func invalid(_ fault: String) -> WireError {
            WireError(
                .invalidName,
                "cannot read \(Name.quoted(text)) as a service's name: \(fault); the form is [experiment[@run]:]service[/sub]",
                data: ["name": .string(text)])
        }
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count <= 2, let id = parts.last else { throw invalid("it has more than one ':'") }
        self.init(id: String(id), near: near, here: here)
        let components = id.split(separator: "/", omittingEmptySubsequences: false)
        guard components.count <= 2 else { throw invalid("it has more than one '/'") }
        for component in components { try Name.validate(String(component), of: "a service") }
        guard parts.count == 2 else { return }
        let owner = parts[0].split(separator: "@", omittingEmptySubsequences: false)
        guard owner.count <= 2 else { throw invalid("it has more than one '@'") }
        experiment = String(owner[0])
        try Name.validate(String(owner[0]), of: "an experiment")
        guard owner.count == 2 else { return }
        run = String(owner[1])
        try Name.validate(String(owner[1]), of: "a run")
    }

    /// The folder whose services alone are meant, where the name says nothing of experiment and workspace.
    public var bounds: String? { here == true && experiment == nil && workspace == nil ? near : nil }

    /// Whether a service may be meant, whatever other services there are.
    public func matches(_ identity: ServiceIdentity) -> Bool {
        identity.id == id && experiment.map { $0 == identity.run.experiment } ?? true
            && run.map { $0 == identity.run.run } ?? true && workspace.map { $0 == identity.run.workspace } ?? true
    }
}

extension ServiceReference: CustomStringConvertible {
    /// The shortest text that `init(parsing:)` reads back.
    public var description: String {
        switch (experiment, run) {
        case (let experiment?, let run?): "\(experiment)@\(run):\(id)"
        case (let experiment?, nil): "\(experiment):\(id)"
        default: id
        }
    }
}

extension ServiceReference: Codable {
    private enum Keys: String, CodingKey { case experiment, here, id, near, run, workspace }

    public init(from decoder: any Decoder) throws {
        // The object comes first because a failed attempt costs more than all the rest, and programs send objects.
        guard let container = try? decoder.container(keyedBy: Keys.self) else {
            try self.init(parsing: decoder.singleValueContainer().decode(String.self))
            return
        }
        try self.init(parsing: container.decode(String.self, forKey: .id))
        experiment = try container.decodeIfPresent(String.self, forKey: .experiment) ?? experiment
        run = try container.decodeIfPresent(String.self, forKey: .run) ?? run
        if let folder = try container.decodeIfPresent(String.self, forKey: .workspace) {
            workspace = try WorkspacePath.normalized(folder)
        }
        if let folder = try container.decodeIfPresent(String.self, forKey: .near) {
            near = try WorkspacePath.normalized(folder)
        }
        here = try container.decodeIfPresent(Bool.self, forKey: .here)
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Keys.self)
        try container.encodeIfPresent(experiment, forKey: .experiment)
        try container.encodeIfPresent(here, forKey: .here)
        try container.encode(id, forKey: .id)
        try container.encodeIfPresent(near, forKey: .near)
        try container.encodeIfPresent(run, forKey: .run)
        try container.encodeIfPresent(workspace, forKey: .workspace)
    }
}
