import Glibc
import XPMClient
import XPMProtocol

/// One connection to xpmd on the loop: requests with what is done with their replies, and events.
final class DaemonConnection: EventSource {
    typealias Done = (Result<[UInt8], WireError>) -> Void

    /// Called with each event's JSON.
    var event: ([UInt8]) -> Void = { _ in }
    /// Called once, when the connection has ended without `close`, before its requests are told.
    var ended: (WireError) -> Void = { _ in }
    /// What the daemon said of itself; nil until it has.
    private(set) var hello: Hello.Reply?

    private let loop: EventLoop
    private let descriptor: Int32
    private let expected: Int32?
    private var conversation: DaemonConversation
    /// The requests that are not answered; nil for those whose answer nobody wants any more.
    private var open: [Int64: Done?] = [:]
    /// Whether it has ended.
    private(set) var isOver = false
    private var watched: Events = .readable

    /// So much is read in one turn of the loop.
    private static let turn = 256 << 10

    /// Connects, and greets as `client`.
    init(_ places: Places, client: String, loop: EventLoop) throws(WireError) {
        let socket = try LoopSocket.open(places)
        (self.loop, descriptor, expected) = (loop, socket.descriptor, socket.expected)
        conversation = DaemonConversation(client: client)
        super.init()
        do { try loop.register(descriptor, for: .readable, self) } catch {
            Glibc.close(descriptor)
            isOver = true
            throw WireError(.unreachable, "cannot reach xpmd: \(error)")
        }
        send()
    }

    deinit { close() }

    /// How many requests are not answered.
    var openCount: Int { open.count }

    /// Whether another request may be added.
    var hasRoom: Bool { !isOver && conversation.hasRoom }

    /// Asks; `done` is called once, later. The request's number.
    func ask(_ method: String, _ params: [UInt8], _ done: @escaping Done) -> Int64 {
        let id = conversation.ask(method, params)
        open[id] = .some(done)
        send()
        return id
    }

    /// Nobody wants the answer to a request any more.
    func forget(_ id: Int64) { if open[id] != nil { open[id] = .some(nil) } }

    /// Whether nothing is read, so that xpmd waits, too.
    var isPaused = false {
        didSet {
            guard isPaused != oldValue else { return }
            watch()
            // What was read already.
            if !isPaused { loop.later { [weak self] in self?.tell() } }
        }
    }

    /// Ends the connection; nobody is told.
    func close() {
        guard !isOver else { return }
        isOver = true
        open = [:]
        loop.close(descriptor)
    }

    override func ready(_ events: Events) {
        guard !isPaused else {
            // What is left to read is not wanted now, and may be asked for again.
            if !events.isDisjoint(with: .closed) {
                end(WireError(.connectionLost, "cannot go on: xpmd closed the connection"))
            }
            return
        }
        if events.contains(.writable) { send() }
        if !events.isDisjoint(with: [.readable, .closed, .peerClosed]) { receive() }
    }

    private func watch() {
        guard !isOver else { return }
        var events: Events = isPaused ? [] : .readable
        if conversation.sent < conversation.unsent.count, !isPaused { events.insert(.writable) }
        guard events != watched else { return }
        watched = events
        loop.modify(descriptor, for: events)
    }

    private func send() {
        while !isOver, conversation.sent < conversation.unsent.count {
            let count = conversation.unsent.withUnsafeBytes { bytes in
                Glibc.send(
                    descriptor, bytes.baseAddress.map { $0 + conversation.sent }, bytes.count - conversation.sent,
                    Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT))
            }
            if count > 0 {
                conversation.noteSent(count)
            } else if errno == EAGAIN {
                break
            } else if errno != EINTR {
                // What xpmd has said before it went is still to be read, and that end is told there.
                conversation.noteSent(conversation.unsent.count - conversation.sent)
            }
        }
        watch()
    }

    private func receive() {
        var budget = Self.turn
        while !isOver, !isPaused, budget > 0 {
            var fault: Int32 = 0
            let chunk = [UInt8](unsafeUninitializedCapacity: 1 << 16) { buffer, count in
                let result = recv(descriptor, buffer.baseAddress, buffer.count, Int32(MSG_DONTWAIT))
                (count, fault) = result < 0 ? (0, errno) : (result, 0)
            }
            if fault == EAGAIN { return }
            if fault == EINTR { continue }
            guard !chunk.isEmpty else {
                let cause = fault == 0 ? "xpmd closed the connection" : String(cString: strerror(fault))
                return end(WireError(.connectionLost, "cannot go on: \(cause)"))
            }
            budget -= chunk.count
            conversation.take(chunk)
            tell()
        }
    }

    private func tell() {
        do throws(WireError) {
            while !isOver, !isPaused, let news = try conversation.next() {
                switch news {
                case .greeted(let reply):
                    guard expected.map({ $0 == reply.pid }) ?? true else {
                        throw WireError(.unreachable, "cannot reach xpmd: another one serves where it is said to be")
                    }
                    hello = reply
                case .result(let id, let bytes): open.removeValue(forKey: id)??(.success(bytes))
                case .refusal(let id?, let error): open.removeValue(forKey: id)??(.failure(error))
                case .refusal(nil, let error): throw error
                case .event(let bytes): event(bytes)
                }
            }
            // An answer to what xpmd asked.
            if !isOver, conversation.sent < conversation.unsent.count { send() }
        } catch { end(error) }
    }

    private func end(_ error: WireError) {
        guard !isOver else { return }
        let (waiting, ended) = (open, ended)
        close()
        // Who asks again because of that finds another connection.
        ended(error)
        for (_, done) in waiting.sorted(by: { $0.key < $1.key }) { done?(.failure(error)) }
    }
}
