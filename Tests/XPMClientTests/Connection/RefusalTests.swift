import Glibc
import ScriptedDaemon
import Testing
import XPMClient
import XPMProtocol

/// What a client says where xpmd has no place for it.
struct RefusalTests {
    private let refusal = WireError(
        .tooManyConnections, "cannot accept another connection: 4 are open and in use", data: ["limit": 4])

    @Test func refusalAnswersTheHello() throws {
        let scratch = try ScratchFolder()
        defer { scratch.remove() }
        let refusal = refusal
        let daemon = try ScriptedDaemon(socket: scratch("s"), greets: false) { _ in [.refuse(refusal), .drop] }
        defer { daemon.stop() }
        let error = #expect(throws: WireError.self) { try Connection(socket: daemon.socket, client: "test") }
        #expect(error == refusal && error?.code.exitCode == 9)
        #expect(error.map(EventReader.isTransient) == true)
    }

    /// Whether or not there was still somebody to say hello to.
    @Test(arguments: 0..<20) func refusalThatComesUnaskedIsTold(attempt: Int) throws {
        let scratch = try ScratchFolder()
        defer { scratch.remove() }
        let listener = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        defer { close(listener) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(scratch("s").utf8)) }
        let isBound = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0 && listen(listener, 1) == 0
            }
        }
        try #require(isBound)
        let path = scratch("s")
        let frame = Frame.encode(try Wire.encode(Response<Empty>(id: nil, error: refusal)))
        // Not on the threads of tasks, which would all wait here.
        Thread.start {
            let client = accept(listener, nil, nil)
            _ = send(client, frame, frame.count, Int32(MSG_NOSIGNAL))
            close(client)
        }
        #expect(failure { try Connection(socket: path, client: "test") } == refusal)
    }
}
