import XPMProtocol

/// A service that an experiment adds, as experimaestro's class of that name.
///
///     final class Board: WebService {
///         let id = "board"
///         let link = ServiceLink()
///         let logs: Path
///         init(logs: Path) { self.logs = logs }
///         func stateDict() -> [String: any StateValue] { ["logs": logs] }
///         var run: Run { .template("tensorboard", parameters: ["logdir": .string(logs.string)]) }
///     }
public protocol Service: AnyObject, Sendable {
    /// The service's id within its run; of a sub-service, within its service.
    var id: String { get }
    /// What connects the object with the daemon: `let link = ServiceLink()`.
    var link: ServiceLink { get }
    /// The parts of a composite service; the same objects each time.
    var subServices: [any Service] { get }
    /// Called when it is added to an experiment, in every run mode, before it is registered. An error refuses the addition.
    func setExperiment(_ experiment: Experiment) async throws
    /// One line for people.
    func description() -> String
    /// The constructor's arguments, by which it can be recognised and made again. Paths are handled by themselves.
    func stateDict() -> [String: any StateValue]
}

extension Service {
    /// No parts.
    public var subServices: [any Service] { [] }
    /// Nothing to prepare.
    public func setExperiment(_ experiment: Experiment) async throws {}
    /// No description.
    public func description() -> String { "" }
    /// No arguments.
    public func stateDict() -> [String: any StateValue] { [:] }

    /// What it is doing, as far as the daemon has told.
    public var state: ServiceState { link.state }

    /// Where it can be opened while it runs.
    public var url: String? { link.url }

    /// Why it is in ERROR.
    public var error: String? { link.error }

    /// Wants it to run; returns as soon as that is durable.
    public func start() async throws { try await link.start() }

    /// Ends it and waits until no process of it is left.
    public func stop() async throws { try await link.stop() }

    /// Starts it where it does not run, waits until it does, and gives its URL: `startFailed`, or `timedOut` after `timeout`.
    ///
    /// experimaestro's `get_url`.
    public func getURL(timeout: Duration? = nil) async throws -> String { try await link.getURL(timeout: timeout) }

    /// Calls `listener` with the service and its new state after every change, one call after another.
    ///
    /// The calls come from a task of the experiment's, never from a thread that reads the socket: a listener may call the client.
    @discardableResult
    public func addListener(_ listener: @escaping ServiceLink.Listener) -> ServiceLink.ListenerID {
        link.addListener(listener)
    }

    /// Takes a listener off; a call that has begun is not waited for.
    public func removeListener(_ id: ServiceLink.ListenerID) { link.removeListener(id) }
}
