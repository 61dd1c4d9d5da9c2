import Glibc
import Synchronization
import Testing

@testable import XPMCommands

/// A server on a port of its own that answers each request with the bytes that a script has for its path, and closes.
final class ScriptedSite: Sendable {
    let port: UInt16
    private let listener: Int32
    private let answers: [String: String]
    private let heads = Mutex<[String]>([])
    private let thread: Mutex<pthread_t>

    /// The heads of the requests so far.
    var requests: [String] { heads.withLock { $0 } }

    /// Paths that are not among `answers` get 404; an empty answer is the end of the connection, `silence` none at all.
    init(_ answers: [String: String]) throws {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        (self.listener, self.answers) = (listener, answers)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = INADDR_LOOPBACK.bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let result = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, length) | listen(listener, 64) | getsockname(listener, $0, &length)
            }
        }
        try #require(result == 0)
        port = address.sin_port.bigEndian
        thread = Mutex(0)
        _ = thread.withLock { thread in
            pthread_create(
                &thread, nil,
                { context in
                    guard let context else { return nil }
                    Unmanaged<ScriptedSite>.fromOpaque(context).takeUnretainedValue().serve()
                    return nil
                }, Unmanaged.passUnretained(self).toOpaque())
        }
    }

    static let silence = "silence"

    static func page(_ body: String, type: String = "text/html; charset=utf-8", _ fields: String = "") -> String {
        "HTTP/1.1 200 OK\r\nContent-Type: \(type)\r\nContent-Length: \(body.utf8.count)\r\n\(fields)\r\n\(body)"
    }

    static func redirect(_ location: String) -> String {
        "HTTP/1.1 302 Found\r\nLocation: \(location)\r\nContent-Length: 0\r\n\r\n"
    }

    /// Ends the thread. Connections that got no answer are closed.
    func stop() {
        shutdown(listener, Int32(SHUT_RDWR))
        pthread_join(thread.withLock { $0 }, nil)
        close(listener)
    }

    private func serve() {
        var held: [Int32] = []
        while case let connection = accept(listener, nil, nil), connection >= 0 {
            let head = Self.readHead(connection)
            // Somebody only looked whether there is a server.
            if head.isEmpty {
                close(connection)
                continue
            }
            heads.withLock { $0.append(head) }
            let path = head.split(separator: " ").dropFirst().first.map(String.init) ?? ""
            let answer = answers[path] ?? "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
            if answer == Self.silence {
                held.append(connection)
                continue
            }
            let bytes = Array(answer.utf8)
            _ = send(connection, bytes, bytes.count, Int32(MSG_NOSIGNAL))
            close(connection)
        }
        for connection in held { close(connection) }
    }

    private static func readHead(_ connection: Int32) -> String {
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 4096)
        while !bytes.suffix(4).elementsEqual("\r\n\r\n".utf8) {
            let count = recv(connection, &piece, piece.count, 0)
            guard count > 0 else { break }
            bytes += piece[..<count]
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
