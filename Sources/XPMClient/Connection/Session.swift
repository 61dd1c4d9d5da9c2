import XPMProtocol

/// Questions to one xpmd over any number of connections: what was asked when one was lost is asked again on the next.
///
/// A wait so goes on over a restart, a `daemon reexec` and a crash of xpmd. For one thread at a time.
public final class Session {
    /// The connection of this moment.
    public private(set) var connection: Connection
    private let connect: () throws(WireError) -> Connection
    /// How often in a row the connection was lost soon after it was used.
    private var losses = 0

    /// What counts as soon, and how often in a row that may be: a request that brings xpmd down is not repeated for ever.
    private static let soon = Duration.seconds(1)
    private static let limit = 3
    /// For how long after a loss an xpmd is looked for.
    private static let patience = Duration.seconds(10)

    /// Begins with `connection`, or with one that `connect` makes (default), as after each lost connection.
    public init(
        _ connection: Connection? = nil, connect: @escaping () throws(WireError) -> Connection
    ) throws(WireError) {
        if let connection { self.connection = connection } else { self.connection = try connect() }
        self.connect = connect
    }

    /// Asks one thing. What may not be done twice is asked once, and is `connectionLost` where nobody knows what came of it.
    public func call<M: Method>(_ make: @autoclosure () -> M) throws(WireError) -> M.Reply {
        while true {
            let asked = ContinuousClock.now
            do { return try connection.call(make()) } catch {
                guard M.isRepeatable, error.code == .connectionLost else { throw error }
                try comeBack(after: error, asked: asked)
            }
        }
    }

    /// Asks for each of `keys` what `make` gives, all at once, and hands over the answers as they come.
    ///
    /// `take` tells whether an answer was the last word; where it was not, that key is asked anew. `lost` is called, on the next
    /// connection, for each key whose request may not be repeated and whose answer was lost: true where it need not be asked again.
    /// `tick` runs whenever nothing has come for its interval. While this goes on nothing else may be asked.
    public func ask<Key: Hashable, M: Method>(
        _ keys: [Key], tick: (every: Duration, run: () -> Void)? = nil, make: (Key) -> M,
        lost: (Key) throws -> Bool = { _ in false }, take: (Key, Result<M.Reply, WireError>) throws -> Bool
    ) throws {
        var unasked = keys
        var asked: [RequestID: Key] = [:]
        while !unasked.isEmpty || !asked.isEmpty {
            let began = ContinuousClock.now
            var reply: SubmittedReply?
            do throws(WireError) {
                while let key = unasked.first {
                    asked[try connection.submit(make(key))] = key
                    unasked.removeFirst()
                }
                reply = try connection.nextReply(timeout: tick?.every)
            } catch {
                guard error.code == .connectionLost else { throw error }
                try comeBack(after: error, asked: began)
                let unanswered = keys.filter(Set(asked.values).contains)
                unasked = try unanswered.filter { try M.isRepeatable || !lost($0) } + unasked
                asked = [:]
                continue
            }
            guard let reply else {
                tick?.run()
                continue
            }
            guard let key = asked.removeValue(forKey: reply.id) else { continue }
            if try !take(key, reply.result(of: M.self)) { unasked.append(key) }
        }
    }

    /// Connects again, and again where nobody is there yet.
    private func comeBack(after loss: WireError, asked: ContinuousClock.Instant) throws(WireError) {
        losses = asked.duration(to: .now) < Self.soon ? losses + 1 : 1
        guard losses <= Self.limit else { throw loss }
        let end = ContinuousClock.now + Self.patience
        var backoff = Backoff()
        while true {
            do throws(WireError) {
                let next = try connect()
                guard next.hello.instance == connection.hello.instance else {
                    throw WireError(
                        .connectionLost, "cannot continue: the xpmd that answers now has another state folder",
                        data: ["instance": .string(next.hello.instance)])
                }
                connection = next
                return
            } catch {
                guard EventReader.isTransient(error), .now < end else { throw error }
                Thread.pause(backoff.next())
            }
        }
    }
}
