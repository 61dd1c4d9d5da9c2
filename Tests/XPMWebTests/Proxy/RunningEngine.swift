import Glibc
import Synchronization
import XPMHTTP

@testable import XPMWeb

/// An engine on a thread of its own.
final class RunningEngine: Sendable {
    /// On 127.0.0.1.
    let address: SocketAddress
    private let waker: Waker
    private let thread: LoopThread
    /// What is closed behind it.
    private let backend = Mutex<ScriptedBackend?>(nil)
    private let probes = Mutex<[@Sendable (Engine) -> Void]>([])
    private let box: Box

    private final class Box: Sendable {
        let started = Mutex<(SocketAddress, Waker)?>(nil)
        let engine = Mutex<RunningEngine?>(nil)
        let ready = Signal()
    }

    init(
        _ place: SocketAddress = .ipv4(port: 0), limits: EngineLimits = EngineLimits(),
        handler: @escaping @Sendable (Exchange) -> Void
    ) throws {
        let box = Box()
        self.box = box
        thread = LoopThread {
            guard let loop = try? EventLoop() else { return box.ready.set() }
            let engine = Engine(on: loop, limits: limits, handler: handler)
            var isEnding = false
            let waker = try? Waker(on: loop) {
                guard let running = box.engine.withLock({ $0 }) else {
                    isEnding = true
                    return loop.stop()
                }
                for probe in running.probes.withLock({ probes in
                    defer { probes = [] }
                    return probes
                }) { probe(engine) }
            }
            if let address = try? engine.listen(at: place), let waker {
                box.started.withLock { $0 = (address, waker) }
            }
            box.ready.set()
            while !isEnding { loop.run() }
            engine.close()
            // Connections that are open still are the loop's, which goes last.
            withExtendedLifetime(engine) { loop.closeAll() }
            waker?.unregister(from: loop)
        }
        box.ready.wait()
        guard let (address, waker) = box.started.withLock({ $0 }) else { throw SystemError("start the engine", 0) }
        (self.address, self.waker) = (address, waker)
        box.engine.withLock { $0 = self }
    }

    /// Passes everything on to one backend.
    convenience init(
        to backends: BackendAddress..., limits: EngineLimits = EngineLimits(),
        meter: (@Sendable () -> any ActivityMeter)? = nil
    ) throws {
        try self.init(limits: limits) { exchange in
            var request = RequestRewriting()
            request.hop = HopMark(value: Array("test".utf8))
            exchange.forward(
                Forward(
                    backends: backends, pool: "one", request: request, response: ResponseRewriting(),
                    activity: meter?(),
                    failed: { exchange, failure in
                        exchange.answer(Answer(502, type: "text/plain", text: "\(failure)"))
                    }))
        }
    }

    /// Passes everything on to a scripted backend, which is closed with the engine.
    convenience init(
        before backend: ScriptedBackend, limits: EngineLimits = EngineLimits(),
        meter: (@Sendable () -> any ActivityMeter)? = nil
    ) throws {
        try self.init(to: backend.address, limits: limits, meter: meter)
        self.backend.withLock { $0 = backend }
    }

    func connect(receiveBuffer: Int32? = nil) throws -> RawSocket {
        try RawSocket(address, receiveBuffer: receiveBuffer)
    }

    /// Sends a text, and gives all that comes until the end.
    func ask(_ text: String) throws -> String {
        let client = try connect()
        client.send(text)
        client.endOutput()
        return client.readAll()
    }

    /// Looks at the engine, on its loop.
    func look<Result: Sendable>(_ look: @escaping @Sendable (Engine) -> Result) -> Result? {
        let result = Mutex<Result?>(nil)
        let done = Signal()
        probes.withLock {
            $0.append { engine in
                let found = look(engine)
                result.withLock { $0 = found }
                done.set()
            }
        }
        waker.wake()
        done.wait()
        return result.withLock { $0 }
    }

    func close() {
        box.engine.withLock { $0 = nil }
        waker.wake()
        thread.join()
        backend.withLock { $0 }?.close()
    }
}

/// Something that one thread waits for and another one does.
final class Signal: Sendable {
    /// A semaphore is for threads.
    nonisolated(unsafe) private let lock: UnsafeMutablePointer<sem_t>

    init() {
        lock = .allocate(capacity: 1)
        sem_init(lock, 0, 0)
    }

    deinit {
        sem_destroy(lock)
        lock.deallocate()
    }

    func set() { sem_post(lock) }
    func wait() { while sem_wait(lock) != 0 {} }
}
