import Glibc
import Logging
import NIOCore
import NIOPosix
import Testing
import XPMProtocol

@testable import XPMControl

/// Who gets in, and who has to go, where there are no places left: four, and three more for those who are refused.
struct ControlServerTests {
    private static let list = #"{"id":1,"jsonrpc":"2.0","method":"template.list"}"#
    private static let wait =
        #"{"id":7,"jsonrpc":"2.0","method":"service.wait","params":{"goal":"ended","service":"s"}}"#
    private static let subscribe = #"{"id":8,"jsonrpc":"2.0","method":"events.subscribe","params":{"since":0}}"#

    /// A server on a loop and a socket of its own.
    private final class Served {
        let path: String
        let share = DescriptorShare(limit: 16)
        private let folder: String
        private let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        private let server: NIOLoopBound<ControlServer<Calls>>
        /// The feed does not keep it.
        private let log: NIOLoopBound<ModelLog>

        init(patience: TimeAmount) throws {
            var template = Array("/tmp/xpm-server-XXXXXX".utf8CString)
            folder = mkdtemp(&template).map { String(cString: $0) } ?? "/"
            path = folder + "/s"
            let listener = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
            try SocketAddress(unixDomainSocketPath: path).withSockAddr { address, length in
                guard bind(listener, address, socklen_t(length)) == 0, listen(listener, 1) == 0 else {
                    throw SocketClient.Failure(what: "bind: \(errno)")
                }
            }
            let loop = group.next()
            let ready = loop.makePromise(of: Void.self)
            let share = share
            (server, log) = try loop.submit {
                let log = ModelLog(page: 3)
                let server = ControlServer(
                    loop: loop, table: .sample, context: Calls(), feed: EventFeed(source: log),
                    rotation: Rotation(loop: loop), logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
                server.share = { share }
                server.patience = patience
                server.serve(listening: listener) { ready.completeWith($0) }
                return (NIOLoopBound(server, eventLoop: loop), NIOLoopBound(log, eventLoop: loop))
            }.wait()
            try ready.futureResult.wait()
        }

        func client(_ requests: String...) throws -> SocketClient {
            let client = try SocketClient(path)
            for request in requests { client.send(request) }
            return client
        }

        /// A greeted client, whose requests after that are answered.
        func greeted(_ requests: String...) throws -> SocketClient {
            let client = try client(ConnectionFixture.hello)
            #expect(try client.reply()?.error == nil)
            for request in requests { #expect(try client.ask(request)?.error == nil) }
            return client
        }

        /// Waits until so many are connected.
        func await(_ count: Int) throws {
            let server = server
            while try group.next().submit({ server.value.connectionCount }).wait() != count {}
        }

        func close() throws {
            let server = server
            try group.next().submit {
                server.value.stopListening()
                server.value.disconnectAll()
            }.wait()
            try group.syncShutdownGracefully()
            unlink(path)
            rmdir(folder)
        }
    }

    private func served(patience: TimeAmount = .zero, _ body: (Served) throws -> Void) throws {
        let served = try Served(patience: patience)
        do { try body(served) } catch {
            try served.close()
            throw error
        }
        try served.close()
    }

    @Test func longestIdleConnectionMakesRoom() throws {
        try served { server in
            let clients = try (0..<4).map { _ in try server.greeted() }
            // The first one is the last that was idle.
            #expect(try clients[0].ask(Self.list)?.error == nil)
            let fifth = try server.greeted(Self.list)
            #expect(try clients[1].farewell() == .tooManyConnections)
            for client in [clients[0], clients[2], clients[3], fifth] {
                #expect(try client.ask(Self.list)?.error == nil)
            }
        }
    }

    @Test func strangersGoFirst() throws {
        try served { server in
            let clients = try (0..<3).map { _ in try server.greeted() }
            let stranger = try server.client()
            try server.await(4)
            _ = try server.greeted(Self.list)
            #expect(try stranger.farewell() == .tooManyConnections)
            for client in clients { #expect(try client.ask(Self.list)?.error == nil) }
        }
    }

    @Test func neededConnectionsStayAndTheNewOneIsRefused() throws {
        try served { server in
            let subscribers = try (0..<3).map { _ in try server.greeted(Self.subscribe) }
            let waiting = try server.greeted()
            waiting.send(Self.wait)
            // Behind the wait: it has been taken in.
            #expect(try waiting.ask(Self.list)?.error == nil)
            let refused = try server.client(ConnectionFixture.hello)
            let answer = try refused.reply()
            #expect(answer?.id == .integer(0) && answer?.error?.code == .tooManyConnections)
            #expect(answer?.error?.data["limit"] == 4)
            #expect(try refused.reply() == nil)
            for client in subscribers + [waiting] { #expect(try client.ask(Self.list)?.error == nil) }
        }
    }

    @Test func whoGoesMakesRoom() throws {
        try served { server in
            var subscribers = try (0..<4).map { _ in try server.greeted(Self.subscribe) }
            #expect(try server.client(ConnectionFixture.hello).reply()?.error?.code == .tooManyConnections)
            subscribers.removeLast()
            try server.await(3)
            _ = try server.greeted(Self.list)
        }
    }

    /// There are too many of them to wait for what each one says.
    @Test func tooManyThatAreRefusedAreToldUnasked() throws {
        try served(patience: .hours(1)) { server in
            let clients = try (0..<4).map { _ in try server.greeted() }
            let silent = try (0..<server.share.refusals).map { _ in try server.client() }
            try server.await(4 + silent.count)
            #expect(try server.client().farewell() == .tooManyConnections)
            for client in clients { #expect(try client.ask(Self.list)?.error == nil) }
            // They are not waited for either, in the end.
            for client in silent { #expect(try client.farewell() == .tooManyConnections) }
        }
    }

    /// Clients that come together do not close each other.
    @Test func connectionIsNotClosedWhileItHasJustBeenUsed() throws {
        try served(patience: .hours(1)) { server in
            let clients = try (0..<4).map { _ in try server.greeted() }
            #expect(try server.client(ConnectionFixture.hello).reply()?.error?.code == .tooManyConnections)
            for client in clients { #expect(try client.ask(Self.list)?.error == nil) }
        }
    }
}
