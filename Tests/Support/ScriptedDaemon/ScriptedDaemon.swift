import Glibc
import Synchronization
import XPMClient
import XPMProtocol

/// A daemon for tests: a real socket in a scratch folder, whose every answer the test writes.
///
///     let daemon = try ScriptedDaemon { call in
///         call.method == "service.get" ? [.reply(record)] : [.refuse(WireError(.notFound, "cannot find it"))]
///     }
///     defer { daemon.stop() }
///
/// `hello` is answered by itself unless `greets` is false. The script runs on the connection's own thread; calls are also
/// kept in `calls`, and `waitForCall` waits for one.
public final class ScriptedDaemon: Sendable {
    /// A request as it came.
    public struct Call: Sendable {
        /// Which connection, counted from 1.
        public var connection: Int
        /// The name on the wire.
        public var method: String
        /// The parameters as they came.
        public var params: JSONValue
        /// What the reply must carry.
        public let id: RequestID

        /// Whether it asks for a page of logs, which older daemons do not know.
        public var asksForPage: Bool {
            guard method == ServiceLogs.name, case .object(let members) = params else { return false }
            return members["streams"] != nil
        }

        /// The parameters as the method's own type.
        public func parameters<M: Method>(_ type: M.Type) throws -> M {
            try Wire.decode(type, from: try Wire.encode(params))
        }
    }

    /// What is done about a call, in this order.
    public enum Action: Sendable {
        /// Answers with a value.
        case reply(any Encodable & Sendable)
        case refuse(WireError)
        /// Asks the client for something itself.
        case ask(HostRequest)
        /// Sends an event.
        case event(EventRecord)
        /// Sends bytes as they are, frames or not.
        case bytes([UInt8])
        /// Ends the connection.
        case drop
        /// Ends the connection and everything else: as a daemon that was told to stop.
        case dropAll
    }

    private struct State {
        var calls: [Call] = []
        var replies: [Response<JSONValue>] = []
        var clients: [Int32] = []
        var numbers: [Int: Int32] = [:]
        var accepted = 0
        var isStopped = false
        var threads = 1
        var listeners: [AsyncStream<Void>.Continuation] = []
    }

    /// The socket's path.
    public let socket: String
    /// What `hello` says; a test may change it between two connections.
    public let instance: Mutex<String>
    private let listener: Int32
    private let greets: Bool
    private let script: @Sendable (Call) -> [Action]
    private let state = Mutex(State())

    /// Listens at `socket`, in an existing folder.
    public init(
        socket: String, instance: String = "i1", greets: Bool = true, script: @escaping @Sendable (Call) -> [Action]
    ) throws {
        self.socket = socket
        self.instance = Mutex(instance)
        self.greets = greets
        self.script = script
        listener = Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: socket.utf8) }
        unlink(socket)
        let listens = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard listens == 0, listen(listener, 64) == 0 else {
            throw WireError(.internalError, "cannot listen at \(socket): errno \(errno)")
        }
        Thread.start { self.accept() }
    }

    /// All calls so far but `hello`.
    public var calls: [Call] { state.withLock { $0.calls } }

    /// What clients have replied to the requests that were made to them.
    public var replies: [Response<JSONValue>] { state.withLock { $0.replies } }

    /// How many connections were made so far.
    public var connections: Int { state.withLock { $0.accepted } }

    /// Whether a connection, counted from 1, is open.
    public func isOpen(_ number: Int) -> Bool { state.withLock { $0.numbers[number] != nil } }

    /// How many connections are open.
    public var openConnections: Int { state.withLock { $0.clients.count } }

    /// Waits until `condition` holds; it is looked at after every call and every end of a connection.
    public func wait(_ what: String, until condition: @escaping @Sendable (ScriptedDaemon) -> Bool) async throws {
        let (news, listener) = AsyncStream<Void>.makeStream()
        // The first look is after the registration, so that no news fall between both.
        state.withLock { $0.listeners.append(listener) }
        listener.yield()
        try await within(what: "the scripted daemon: \(what)") {
            for await _ in news where condition(self) { return }
        }
    }

    /// Waits until `isEnough` holds for the calls so far.
    public func waitForCalls(_ what: String, _ isEnough: @escaping @Sendable ([Call]) -> Bool) async throws {
        try await wait(what) { isEnough($0.calls) }
    }

    /// Sends an event to every client.
    public func send(_ event: EventRecord) {
        let clients = state.withLock { $0.clients }
        for client in clients { Self.write(client, Frame.encode((try? Wire.encode(EventNotification(event))) ?? [])) }
    }

    /// Makes a request to the client of one connection, counted from 1.
    public func ask(_ request: HostRequest, connection number: Int) {
        guard let client = state.withLock({ $0.numbers[number] }) else { return }
        _ = perform(.ask(request), request.id, client)
    }

    /// Ends every connection, but goes on listening.
    public func dropClients() {
        state.withLock { state in for client in state.clients { shutdown(client, Int32(SHUT_RDWR)) } }
    }

    /// Ends everything, waits for its threads and removes the socket.
    public func stop() {
        let wasStopped = state.withLock { state in
            defer { state.isStopped = true }
            return state.isStopped
        }
        if wasStopped { return }
        shutdown(listener, Int32(SHUT_RDWR))
        dropClients()
        while state.withLock({ $0.threads > 0 }) { sched_yield() }
        close(listener)
        unlink(socket)
    }

    private func accept() {
        while true {
            let client = Glibc.accept(listener, nil, nil)
            guard client >= 0 else { break }
            _ = fcntl(client, F_SETFD, FD_CLOEXEC)
            let number: Int? = state.withLock { state in
                if state.isStopped { return nil }
                state.accepted += 1
                state.threads += 1
                state.clients.append(client)
                state.numbers[state.accepted] = client
                return state.accepted
            }
            guard let number else {
                close(client)
                break
            }
            Thread.start { self.serve(client, number) }
        }
        state.withLock { $0.threads -= 1 }
    }

    private func serve(_ client: Int32, _ number: Int) {
        var splitter = FrameSplitter(limit: Frame.requestLimit)
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        reading: while true {
            let count = read(client, &chunk, chunk.count)
            guard count > 0 else { break }
            splitter.append(chunk[..<count])
            while let payload = try? splitter.next() {
                guard answer(payload, client, number) else { break reading }
            }
        }
        let listeners = state.withLock { state in
            state.clients.removeAll { $0 == client }
            state.numbers[number] = nil
            close(client)
            return state.listeners
        }
        for listener in listeners { listener.yield() }
        state.withLock { $0.threads -= 1 }
    }

    private struct Incoming: Decodable {
        var id: RequestID
        var method: String
        var params: JSONValue
    }

    /// False once the connection is to end.
    private func answer(_ payload: [UInt8], _ client: Int32, _ number: Int) -> Bool {
        guard let request = try? Wire.decode(Incoming.self, from: payload) else { return take(payload) }
        if request.method == Hello.name && greets {
            let reply = Hello.Reply(
                version: 1, daemon: "xpmd 0.1.0", pid: getpid(), instance: instance.withLock { $0 },
                requestLimit: Frame.requestLimit,
                replyLimit: Frame.replyLimit)
            return perform(.reply(reply), request.id, client)
        }
        let call = Call(connection: number, method: request.method, params: request.params, id: request.id)
        let listeners = state.withLock { state in
            state.calls.append(call)
            return state.listeners
        }
        for listener in listeners { listener.yield() }
        return script(call).allSatisfy { perform($0, request.id, client) }
    }

    /// A reply of the client; false for anything else.
    private func take(_ payload: [UInt8]) -> Bool {
        guard let reply = try? Wire.decode(Response<JSONValue>.self, from: payload) else { return false }
        let listeners = state.withLock { state in
            state.replies.append(reply)
            return state.listeners
        }
        for listener in listeners { listener.yield() }
        return true
    }

    private func perform(_ action: Action, _ id: RequestID, _ client: Int32) -> Bool {
        switch action {
        case .reply(let value): Self.write(client, Self.frame(id, "result", value))
        case .refuse(let error): Self.write(client, Self.frame(id, "error", error))
        case .ask(let request): Self.write(client, Frame.encode((try? Wire.encode(request)) ?? []))
        case .event(let event): Self.write(client, Frame.encode((try? Wire.encode(EventNotification(event))) ?? []))
        case .bytes(let bytes): Self.write(client, bytes)
        case .drop: return false
        case .dropAll:
            shutdown(listener, Int32(SHUT_RDWR))
            dropClients()
            return false
        }
        return true
    }

    /// A whole reply, put together from the encoded value so that it may be of any type.
    public static func frame(_ id: RequestID, _ key: String, _ value: any Encodable) -> [UInt8] {
        let encodedID = (try? Wire.encode(id)) ?? []
        let encoded = (try? Wire.encode(value)) ?? []
        return Frame.encode(
            Array("{\"id\":".utf8) + encodedID + Array(",\"jsonrpc\":\"2.0\",\"\(key)\":".utf8) + encoded
                + Array("}".utf8))
    }

    private static func write(_ client: Int32, _ bytes: [UInt8]) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.send(client, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }
}
