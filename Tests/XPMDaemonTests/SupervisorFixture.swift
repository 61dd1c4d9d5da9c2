import Logging
import NIOCore
import NIOPosix
import XPMKeeping
import XPMProtocol
import XPMStore
import XPMSupervision
import XPMTemplates

@testable import XPMControl
@testable import XPMDaemon

/// A supervisor over a real store, whose keeper is the test: unless asked to it is never connected, and says what the test says.
final class SupervisorFixture {
    let store: Store
    private let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    private let supervisor: NIOLoopBound<Supervisor>
    private var isClosed = false
    static let run = RunIdentity(workspace: "/", experiment: "exp", run: "r1")

    /// One request, with the responder to answer it.
    typealias Request = @Sendable (Supervisor, Responder) throws -> Void

    /// The supervisor's loop.
    var loop: any EventLoop { group.next() }

    /// With a keeper's socket it may be connected to that.
    init(stateFolder: String, keeperSocket: String = "/nonexistent") throws {
        let store = try Store(folder: stateFolder)
        self.store = store
        let loop = group.next()
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let read = loop.makePromise(of: NIOLoopBound<UserFiles>.self)
        loop.execute {
            let files = UserFiles(
                templates: [stateFolder + "/templates"], settings: stateFolder + "/config.toml",
                recovery: .none, loop: loop, logger: logger)
            files.renew { read.succeed(NIOLoopBound(files, eventLoop: loop)) }
        }
        let userFiles = try read.futureResult.awaited("templates and settings")
        supervisor = try loop.submit {
            let contents = try store.load()
            let keeper = KeeperLink(
                launch: KeeperLaunch(executable: "/nonexistent", socketPath: keeperSocket, logPath: "/dev/null"),
                loop: loop, logger: logger)
            let supervisor = Supervisor(
                loop: loop, logger: logger,
                ledger: Ledger(store: store, loop: loop, lastSequence: contents.lastSequence, logger: logger),
                keeper: keeper, files: FileWatch(loop: loop, logger: logger), userFiles: userFiles.value,
                hostPackage: "/share/xpmd/python",
                stateFolder: stateFolder, runtimeFolder: stateFolder, instance: store.instance, recovery: Recovery.none,
                ownEnvironment: ["PATH": "/bin"], contents: contents)
            return NIOLoopBound(supervisor, eventLoop: loop)
        }.awaited("the supervisor")
    }

    deinit { close() }

    /// The daemon is gone, without a word; another may begin with its store.
    func close() {
        guard !isClosed else { return }
        isClosed = true
        try? turn { supervisor in
            for entry in supervisor.registry.services { for timer in entry.timers.values { timer.cancel() } }
            supervisor.files.close()
            supervisor.keeper.close()
        }
        store.close()
        try? group.syncShutdownGracefully()
    }

    /// Connects the supervisor to the keeper that listens at its socket, and waits until it has taken over.
    func connect() throws {
        let done = loop.makePromise(of: Void.self)
        try turn { supervisor in
            supervisor.keeper.start(
                KeeperLink.Callbacks(
                    connected: { [unowned supervisor] identity, reports in
                        supervisor.takeOver(identity, reports)
                        supervisor.afterSearch { done.succeed() }
                    },
                    message: { [unowned supervisor] in supervisor.handle($0) }, lost: { _ in }, silent: { _ in }))
        }
        try done.futureResult.awaited("a keeper")
    }

    /// Runs `body` in one turn of the loop.
    @discardableResult
    func turn<Value: Sendable>(_ body: @escaping @Sendable (Supervisor) throws -> Value) throws -> Value {
        try group.next().submit { [supervisor] in try body(supervisor.value) }.awaited("a turn of the loop")
    }

    /// Makes requests in one turn and waits for their answers.
    func ask(_ requests: Request...) throws -> [Response<JSONValue>] {
        try send(requests).map(Self.read)
    }

    /// Makes requests in one turn.
    func send(_ requests: [Request]) throws -> [EventLoopFuture<ByteBuffer>] {
        let loop = group.next()
        let promises = requests.map { _ in loop.makePromise(of: ByteBuffer.self) }
        try turn { supervisor in
            for (request, promise) in zip(requests, promises) { Self.carryOut(request, supervisor, promise) }
        }
        return promises.map(\.futureResult)
    }

    /// Makes two requests, the second while the first's commit is under way.
    func ask(_ first: @escaping Request, duringItsCommit second: @escaping Request) throws -> [Response<JSONValue>] {
        let loop = group.next()
        let promises = (0..<2).map { _ in loop.makePromise(of: ByteBuffer.self) }
        try turn { [supervisor] one in
            Self.carryOut(first, one, promises[0])
            // Behind the task that commits at the end of this turn, and before its outcome can come back.
            loop.execute { Self.carryOut(second, supervisor.value, promises[1]) }
        }
        return try promises.map { try Self.read($0.futureResult) }
    }

    /// Waits until nothing is to be saved, or cannot be.
    func drain() throws {
        let promise = group.next().makePromise(of: Void.self)
        try turn { $0.ledger.whenDrained { promise.succeed() } }
        try promise.futureResult.awaited("the ledger to be drained")
    }

    /// Tells the supervisor what a keeper has found out, and waits until it is on record.
    func tell(_ messages: KeeperMessage...) throws {
        try turn { supervisor in for message in messages { supervisor.handle(message) } }
        try drain()
    }

    func state(of id: String) throws -> ServiceState {
        try turn { try $0.registry.resolve(ServiceReference(id: id)).state }
    }

    /// The attempt that may have processes.
    func attempt(of id: String) throws -> UInt64 {
        try turn { try $0.registry.resolve(ServiceReference(id: id)).machine.phase.liveAttempt?.rawValue ?? 0 }
    }

    static func read(_ reply: EventLoopFuture<ByteBuffer>) throws -> Response<JSONValue> {
        try Wire.decode(Response<JSONValue>.self, from: reply.awaited("an answer").readableBytesView)
    }

    private static func carryOut(
        _ request: Request, _ supervisor: Supervisor, _ promise: EventLoopPromise<ByteBuffer>
    ) {
        let responder = Responder(id: .integer(1), connection: Answer(promise))
        do {
            try request(supervisor, responder)
        } catch {
            responder.fail(error as? WireError ?? WireError(.internalError, "\(error)"))
        }
    }
}

/// A connection that takes one answer.
private final class Answer: ReplyChannel {
    private let promise: EventLoopPromise<ByteBuffer>
    var isClosed: Bool { false }
    var peerPID: Int32? { nil }

    init(_ promise: EventLoopPromise<ByteBuffer>) { self.promise = promise }

    func send(payload: ByteBuffer) { promise.succeed(payload) }
    func subscribe(after cursor: Int64) {}
    func ask(
        _ method: HostRequest.Method, _ attempt: HostedAttempt, within time: TimeAmount,
        then: @escaping (Result<Void, WireError>) -> Void
    ) {}
    func whenClosed(_ callback: @escaping () -> Void) {}
}

// MARK: Requests

extension SupervisorFixture {
    static func open() -> Request {
        { try $0.openExperiment(OpenExperiment(workspace: "/", experiment: "exp", run: "r1"), $1) }
    }

    static func add(
        _ id: String, description: String = "", _ run: Run = .command(["/bin/sh"]), parts: [String] = [],
        requires: [String] = [], completed: [String] = [], wants: [String] = [], after: [String] = [],
        readiness: Readiness? = nil, folder: String? = nil
    ) -> Request {
        let parts = parts.map {
            AddService.SubService(id: $0, definition: ServiceDefinition(run: .command(["/bin/sh", description])))
        }
        var definition = ServiceDefinition(run: run, readiness: readiness)
        definition.folder = folder
        if !requires.isEmpty { definition.requires = requires }
        if !completed.isEmpty { definition.requiresCompleted = completed }
        if !wants.isEmpty { definition.wants = wants }
        if !after.isEmpty { definition.after = after }
        return { [definition] in
            try $0.addService(
                AddService(
                    to: Self.run, id: id, description: description, definition: definition,
                    subServices: parts.isEmpty ? nil : parts), $1)
        }
    }

    static func start(_ id: String) -> Request { { try $0.startService(StartService(ServiceReference(id: id)), $1) } }

    static func stop(_ id: String) -> Request { { try $0.stopService(StopService(ServiceReference(id: id)), $1) } }

    static func remove(_ id: String) -> Request {
        { try $0.removeService(RemoveService(ServiceReference(id: id)), $1) }
    }

    static func restart(_ id: String) -> Request {
        { try $0.restartService(RestartService(ServiceReference(id: id)), $1) }
    }

    static func wait(_ id: String, _ goal: WaitService.Goal, since: Int64? = nil) -> Request {
        { try $0.waitService(WaitService(ServiceReference(id: id), goal: goal, since: since), $1) }
    }
}
