import XPMProtocol

/// A method of the protocol as `POST /api/v1/NAME`.
struct Verb: Hashable {
    /// The name on the wire.
    let name: String
    /// What whoever asks must be allowed.
    let scope: AccessScope
    /// When its reply comes late.
    let waiting: Waiting
    /// Whether it may be asked once more where the connection was lost: it changes nothing.
    let isQuestion: Bool

    /// When a reply waits for something.
    enum Waiting: Hashable { case never, always, withSpan }

    private init<M: Method>(_ method: M.Type, _ scope: AccessScope, _ waiting: Waiting = .never) {
        (name, self.scope, self.waiting, isQuestion) = (M.name, scope, waiting, M.isQuestion)
    }

    /// All but those that belong to a connection: `hello`, `events.subscribe` (`GET /api/v1/events` has them) and hosting.
    ///
    /// `service.get` has the definition with its environment, so that it takes more than looking at the rest.
    static let all = [
        Verb(CloseExperiment.self, .all), Verb(ListExperiments.self, .read), Verb(OpenExperiment.self, .all),
        Verb(AddService.self, .all), Verb(ClearServiceLogs.self, .all), Verb(GetService.self, .all),
        Verb(ListServices.self, .read), Verb(ServiceLogs.self, .read, .withSpan), Verb(PruneServices.self, .all),
        Verb(RemoveService.self, .all), Verb(RestartService.self, .control), Verb(SignalService.self, .control),
        Verb(StartService.self, .control), Verb(StopService.self, .control), Verb(ReportActivity.self, .control),
        Verb(WaitService.self, .read, .always),
        Verb(ListStrays.self, .read), Verb(AdoptStray.self, .all), Verb(IgnoreStray.self, .all),
        Verb(StopStray.self, .all, .always), Verb(ListEvents.self, .read), Verb(ListTemplates.self, .read),
        Verb(ListWorkspaces.self, .read), Verb(WatchWorkspace.self, .all), Verb(UnwatchWorkspace.self, .all),
        Verb(DaemonStatus.self, .read), Verb(ReexecDaemon.self, .all), Verb(StopDaemon.self, .all),
        Verb(WebStatus.self, .read), Verb(StartWeb.self, .all, .withSpan), Verb(StopWeb.self, .all),
    ]

    private static let byName = Dictionary(uniqueKeysWithValues: all.map { ($0.name, $0) })

    /// The verb of a name.
    init?(named name: String) {
        guard let verb = Self.byName[name] else { return nil }
        self = verb
    }

    /// Whether the reply to these parameters waits: others are not to wait with it. Looking for a pattern may take seconds.
    func waits(_ members: [String: JSONValue]) -> Bool {
        switch waiting {
        case .never: false
        case .always: true
        case .withSpan: members["wait_s"] ?? .null != .null || members["grep"] ?? .null != .null
        }
    }

    /// Refuses what only a client with a connection of its own can ask for: xpm-web's would hold the run, or host the service.
    func check(_ members: [String: JSONValue]) throws(WireError) {
        if name == OpenExperiment.name, case .bool(true)? = members["hold"] {
            throw Self.refusal("hold", "a run cannot be held over HTTP")
        }
        guard name == AddService.name else { return }
        var definitions = [members["definition"]]
        if case .array(let parts)? = members["sub_services"] {
            for case .object(let part) in parts { definitions.append(part["definition"]) }
        }
        for case .object(let definition)? in definitions {
            if case .object(let run)? = definition["run"], run["kind"] == "hosted" {
                throw Self.refusal("definition.run.kind", "a service cannot be hosted over HTTP")
            }
        }
    }

    private static func refusal(_ parameter: String, _ cause: String) -> WireError {
        WireError(
            .invalidParameters, "cannot take the parameter \(parameter): \(cause)",
            data: ["parameter": .string(parameter)])
    }
}
