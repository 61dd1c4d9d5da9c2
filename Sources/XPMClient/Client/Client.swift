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
    ///
    /// Where the connection is lost it is asked again on the next one, but for what may not be done twice: a restart, a signal, and
    /// the end of xpmd, which are `connectionLost`. `restart` finds out whether it was done, and goes on as well.
    public func call<M: Method>(_ method: M) async throws -> M.Reply {
        try await ask { (session) throws(WireError) in try session.call(method) }
    }

    /// Asks what `questions` ask, one after the other, over one of the connections that short calls share.
    func ask<Value: Sendable>(
        _ questions: @escaping @Sendable (Session) throws(WireError) -> Value
    ) async throws -> Value {
        try await Job<Value>().value { job in
            pool.submit { [places, name, autostart] connection in
                Self.perform(questions, job, connection) { () throws(WireError) in
                    try Connection.open(places, client: name, autostart: autostart)
                }
            }
        }
    }

    /// Calls a method that may take long over a connection of its own, which is closed afterwards.
    ///
    /// Where the connection is lost it is asked again, with what `make` gives then.
    func callAlone<M: Method>(_ make: @escaping @Sendable @autoclosure () -> M) async throws -> M.Reply {
        try await Job<M.Reply>().value { job in
            Thread.start { [places, name, autostart] in
                _ = Self.perform({ (session) throws(WireError) in try session.call(make()) }, job, nil) {
                    () throws(WireError) in
                    try Connection.open(places, client: name, autostart: autostart)
                }
            }
        }
    }

    private static func perform<Value: Sendable>(
        _ questions: (Session) throws(WireError) -> Value, _ job: Job<Value>, _ connection: Connection?,
        open: @escaping () throws(WireError) -> Connection
    ) -> Connection? {
        // It may have been cancelled while it waited for its turn.
        if job.isCancelled { return connection }
        func interruptible(_ connection: Connection) throws(WireError) -> Connection {
            guard job.begin(interrupt: { connection.interrupt() }) else { throw cancelled }
            return connection
        }
        do throws(WireError) {
            let session = try Session(
                connection.map { (connection) throws(WireError) in try interruptible(connection) }
            ) {
                () throws(WireError) in try interruptible(open())
            }
            do throws(WireError) { job.finish(.success(try questions(session))) } catch {
                job.finish(.failure(error))
            }
            return session.connection.isUsable ? session.connection : nil
        } catch {
            job.finish(.failure(error))
            return nil
        }
    }

    /// Nobody hears of it: who was cancelled has been answered.
    private static let cancelled = WireError(.internalError, "cannot continue: the task was cancelled")

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
