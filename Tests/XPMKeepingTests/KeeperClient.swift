import Glibc
import Testing

@testable import XPMKeeping

/// xpmd's end of the socket, blocking, with a deadline on every wait.
final class KeeperClient {
    private let descriptor: Descriptor
    private var splitter = FrameSplitter()
    /// Heard, but not yet asked for.
    private var heard: [KeeperMessage] = []

    init(_ path: String) throws {
        let address = try UnixAddress(path)
        let number = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        descriptor = Descriptor(number)
        guard address.withPointer({ connect(number, $0, $1) }) == 0 else {
            throw TestFailure("cannot connect to \(path): errno \(errno)")
        }
    }

    func greet(version: UInt16 = 1) throws -> [AttemptReport] {
        try send(.hello(minimum: version, maximum: version))
        _ = try next { if case .welcome = $0 { true } else { false } }
        guard case .snapshot(let known) = try next(where: { if case .snapshot = $0 { true } else { false } }) else {
            throw TestFailure("no snapshot")
        }
        return known
    }

    func send(_ requests: KeeperRequest...) throws {
        try send(bytes: requests.flatMap { $0.encode() })
    }

    func send(bytes: [UInt8]) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes {
                Glibc.send(descriptor.number, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { throw TestFailure("cannot send: errno \(errno)") }
            rest = rest.dropFirst(count)
        }
    }

    /// The next message, in the order of their coming.
    func next() throws -> KeeperMessage {
        if !heard.isEmpty { return heard.removeFirst() }
        guard let message = try receive() else { throw TestFailure("the keeper closed the connection") }
        return message
    }

    /// The first message that fits; what comes before it is kept for later.
    func next(where fits: (KeeperMessage) -> Bool) throws -> KeeperMessage {
        if let index = heard.firstIndex(where: fits) { return heard.remove(at: index) }
        while let message = try receive() {
            if fits(message) { return message }
            heard.append(message)
        }
        throw TestFailure("the keeper closed the connection; heard \(heard.suffix(8))")
    }

    /// Waits until the keeper closes the connection; returns what came before.
    func untilClosed() throws -> [KeeperMessage] {
        while let message = try receive() { heard.append(message) }
        defer { heard = [] }
        return heard
    }

    private func receive() throws -> KeeperMessage? {
        while true {
            if let body = try splitter.next() { return try KeeperMessage.decode(body) }
            try awaitReadable(descriptor.number, "a message of the keeper")
            var buffer = [UInt8](repeating: 0, count: 64 << 10)
            let count = recv(descriptor.number, &buffer, buffer.count, 0)
            if count <= 0 { return nil }
            splitter.append(buffer[..<count])
        }
    }
}

extension KeeperClient {
    /// Starts it and returns the main process's pid.
    func spawn(_ order: SpawnOrder) throws -> (pid: Int32, startTime: UInt64) {
        try send(.spawn(order))
        let answer = try next {
            switch $0 {
            case .spawned(order.attempt, _, _), .spawnFailed(order.attempt, _, _): true
            default: false
            }
        }
        guard case .spawned(_, let pid, let startTime) = answer else { throw TestFailure("not spawned: \(answer)") }
        return (pid, startTime)
    }

    func exit(of attempt: UInt64) throws -> XPMKeeping.ExitStatus {
        let message = try next { if case .exited(attempt, _, _) = $0 { true } else { false } }
        guard case .exited(_, let status, _) = message else { throw TestFailure("no exit: \(message)") }
        return status
    }

    func emptied(_ attempt: UInt64) throws {
        _ = try next { $0 == .emptied(attempt: attempt) }
    }
}
