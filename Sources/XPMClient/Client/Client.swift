import XPMProtocol

/// Talks with xpmd from asynchronous code. The methods are named like the verbs of the protocol and of xpmctl.
///
/// Nothing blocks the cooperative pool: calls run on threads of their own over a few connections, long waits over one each.
/// A cancelled task stops waiting at once; what the daemon was asked for goes on.
public final class Client: Sendable {
    /// Where the daemon is.
    public let places: Places
    private let name: String
    private let autostart: Autostart?
    private let pool: ConnectionPool

    /// How many connections short calls share.
    private static let poolSize = 4

    /// A client that calls itself `name` in the daemon's log. Nothing is connected before the first call.
    ///
    /// `autostart` is used whenever nothing answers; without it such a call is `unreachable`.
    public init(places: Places, name: String = "swift \(ProtocolVersion.product)", autostart: Autostart?) {
        self.places = places
        self.name = name
        self.autostart = autostart
        pool = ConnectionPool(size: Self.poolSize)
    }

    /// A client of this process's user and environment, which starts xpmd where it does not run.
    public convenience init() throws(WireError) {
        let environment = ProcessEnvironment.current
        let places = try Places.ofThisProcess()
        self.init(places: places, autostart: Autostart(places: places, environment: environment))
    }

    /// Calls any method of the protocol. Throws the daemon's refusal or what is wrong with the connection as a `WireError`.
    public func call<M: Method>(_ method: M) async throws -> M.Reply {
        try await Job<M.Reply>().value { job in
            pool.submit { [places, name, autostart] connection in
                Self.perform(method, job, connection) { () throws(WireError) in
                    try Connection.open(places, client: name, autostart: autostart)
                }
            }
        }
    }

    /// Calls a method that may take long over a connection of its own, which is closed afterwards.
    func callAlone<M: Method>(_ method: M) async throws -> M.Reply {
        try await Job<M.Reply>().value { job in
            Thread.start { [places, name, autostart] in
                _ = Self.perform(method, job, nil) { () throws(WireError) in
                    try Connection.open(places, client: name, autostart: autostart)
                }
            }
        }
    }

    private static func perform<M: Method>(
        _ method: M, _ job: Job<M.Reply>, _ connection: Connection?, open: () throws(WireError) -> Connection
    ) -> Connection? {
        // It may have been cancelled while it waited for its turn.
        if job.isCancelled { return connection }
        do {
            let connection = try connection ?? open()
            guard job.begin(interrupt: { connection.interrupt() }) else { return connection }
            let result = Result { try connection.call(method) }
            job.finish(result)
            return connection.isUsable ? connection : nil
        } catch {
            job.finish(.failure(error))
            return nil
        }
    }

    /// What happens from the sequence number `since` on; 0 for everything, nil for news only.
    ///
    /// Connections that are lost are made again, but xpmd is not started for it.
    public func events(since: Int64? = nil) -> EventStream {
        EventStream(since: since) { [places, name] () throws(WireError) in
            try Connection.open(places, client: name, autostart: nil)
        }
    }

    /// What hosts services over a connection of its own, which is made for the first of them.
    func hosting() -> Hosting { Hosting(places: places, name: name, autostart: autostart) }
}
