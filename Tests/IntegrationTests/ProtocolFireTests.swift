import Glibc
import SeededRandom
import Testing
import XPMProtocol

/// What comes over the socket that should not, and a daemon that lives on.
struct ProtocolFireTests {
    /// A daemon for one attack; afterwards it must answer as before, and be the same process.
    private func underFire(_ attack: (Instance) throws -> Void) throws {
        try withInstance { xpmd in
            let daemon = try xpmd.launch()
            try attack(xpmd)
            #expect(try xpmd.status().pid == daemon.pid)
        }
    }

    private func greeted(_ xpmd: Instance) throws -> RawClient {
        let client = try RawClient(xpmd.socket)
        try client.greet()
        return client
    }

    @Test(arguments: [UInt32(Frame.requestLimit + 1), 0x7fff_ffff, 0x8000_0000, 0xffff_ffff])
    func frameOverTheLimitIsAnsweredAndEnds(length: UInt32) throws {
        try underFire { xpmd in
            for client in [try RawClient(xpmd.socket), try greeted(xpmd)] {
                client.send([24, 16, 8, 0].map { UInt8(truncatingIfNeeded: length >> $0) })
                let reply = try client.reply()
                #expect(reply.error?.code == .frameTooLarge && reply.id == nil)
                try client.awaitClose()
            }
        }
    }

    @Test func emptyFrameIsAnsweredAndEnds() throws {
        try underFire { xpmd in
            let client = try greeted(xpmd)
            client.send([0, 0, 0, 0])
            #expect(try client.reply().error?.code == .parseError)
            try client.awaitClose()
        }
    }

    @Test func frameOfTheLimitIsRead() throws {
        try underFire { xpmd in
            let client = try greeted(xpmd)
            let start = #"{"id":9,"jsonrpc":"2.0","method":"daemon.status","params":{},"x":""#
            let padding = String(repeating: "y", count: Frame.requestLimit - start.utf8.count - 2)
            #expect(try client.ask(start + padding + "\"}").error == nil)
        }
    }

    @Test(arguments: [
        ("{", "half", ErrorCode.parseError),
        ("nonsense", "no JSON", .parseError),
        ("{\"id\":1,\"id\":2}", "a name twice", .parseError),
        ("[]", "a batch", .invalidRequest),
        ("42", "a number", .invalidRequest),
        (#"{"jsonrpc":"2.0","method":"daemon.status"}"#, "no id", .invalidRequest),
        (#"{"id":1.5,"jsonrpc":"2.0","method":"daemon.status"}"#, "a fraction for an id", .invalidRequest),
        (#"{"id":1,"jsonrpc":"1.0","method":"daemon.status"}"#, "another JSON-RPC", .invalidRequest),
        (#"{"id":1,"jsonrpc":"2.0","method":7}"#, "a number for a method", .invalidRequest),
        (#"{"id":1,"jsonrpc":"2.0","method":"service.explode","params":{}}"#, "an unknown method", .unknownMethod),
        (#"{"id":1,"jsonrpc":"2.0","method":"service.start"}"#, "no params", .invalidParameters),
        (#"{"id":1,"jsonrpc":"2.0","method":"service.start","params":[]}"#, "params by position", .invalidParameters),
        (#"{"id":1,"jsonrpc":"2.0","method":"service.start","params":{"service":7}}"#, "a number", .invalidParameters),
        (
            #"{"id":1,"jsonrpc":"2.0","method":"service.wait","params":{"service":"x","goal":"bliss"}}"#, "a goal",
            .invalidParameters
        ),
        (#"{"id":1,"jsonrpc":"2.0","method":"service.start","params":{"service":"a:b:c"}}"#, "a name", .invalidName),
        (#"{"id":1,"jsonrpc":"2.0","method":"hello","params":{}}"#, "a hello in halves", .invalidParameters),
    ])
    func badRequestIsRefusedAndTheConnectionLivesOn(text: String, what: String, code: ErrorCode) throws {
        try underFire { xpmd in
            let client = try greeted(xpmd)
            #expect(try client.ask(text).error?.code == code, "\(what)")
            #expect(try client.ask(#"{"id":2,"jsonrpc":"2.0","method":"daemon.status"}"#).error == nil)
        }
    }

    @Test(arguments: ["", #","params":null"#, #","params":{}"#, #","params":{"novel":[1]}"#])
    func requestThatNeedsNoParametersIsAnswered(rest: String) throws {
        try underFire { xpmd in
            let client = try greeted(xpmd)
            #expect(try client.ask(#"{"id":"a","jsonrpc":"2.0","method":"daemon.status"\#(rest)}"#).error == nil)
        }
    }

    @Test func deepNestingIsRefused() throws {
        try underFire { xpmd in
            let client = try greeted(xpmd)
            for depth in [129, 100_000, Frame.requestLimit / 2 - 100] {
                let nested = String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
                let reply = try client.ask(
                    "{\"id\":1,\"jsonrpc\":\"2.0\",\"method\":\"daemon.status\",\"x\":\(nested)}")
                #expect(reply.error?.code == .parseError)
            }
            let open = String(repeating: "{\"a\":", count: 200_000)
            #expect(try client.ask(open).error?.code == .parseError)
        }
    }

    @Test func requestBeforeHelloIsRefusedAndEnds() throws {
        try underFire { xpmd in
            let client = try RawClient(xpmd.socket)
            let reply = try client.ask(#"{"id":5,"jsonrpc":"2.0","method":"daemon.status"}"#)
            #expect(reply.error?.code == .helloRequired && reply.id == .integer(5))
            try client.awaitClose()
        }
    }

    @Test func otherVersionIsRefusedWithOurs() throws {
        try underFire { xpmd in
            let client = try RawClient(xpmd.socket)
            let reply = try client.ask(
                #"{"id":1,"jsonrpc":"2.0","method":"hello","params":{"client":"x","versions":{"min":90,"max":99}}}"#)
            #expect(reply.error?.code == .versionMismatch)
            #expect(reply.error?.data["min"] == 1 && reply.error?.data["max"] == 1)
            // It may try again.
            try client.greet()
        }
    }

    @Test func silentConnectionIsEnded() throws {
        try underFire { xpmd in
            let (silent, slow) = (try RawClient(xpmd.socket), try RawClient(xpmd.socket))
            slow.send([0, 0])
            for client in [silent, slow] {
                #expect(try client.reply().error?.code == .helloTimeout)
                try client.awaitClose()
            }
        }
    }

    @Test(arguments: [1, 2, 3])
    func randomBytesHurtNobody(seed: UInt64) throws {
        try underFire { xpmd in
            var random = SeededRandom(seed: seed)
            for round in 0..<200 {
                let client = round.isMultiple(of: 2) ? try greeted(xpmd) : try RawClient(xpmd.socket)
                var bytes = (0..<Int.random(in: 1...2000, using: &random)).map { _ in
                    UInt8.random(in: 0...255, using: &random)
                }
                // Every other one in a sound frame, to get beyond the length.
                if round % 4 < 2 { bytes = Frame.encode(bytes) }
                client.send(bytes)
                client.finishSending()
                try client.awaitClose()
            }
        }
    }

    @Test func mutilatedRequestsHurtNobody() throws {
        try underFire { xpmd in
            var random = SeededRandom(seed: 4)
            let request = Array(
                #"{"id":7,"jsonrpc":"2.0","method":"service.wait","params":{"goal":"running","service":{"experiment":"é","id":"x"},"timeout_s":0}}"#
                    .utf8)
            let client = try greeted(xpmd)
            for _ in 0..<3000 {
                var bytes = request
                for _ in 0..<Int.random(in: 1...4, using: &random) {
                    bytes[Int.random(in: bytes.indices, using: &random)] = UInt8.random(in: 0...255, using: &random)
                }
                client.send(Frame.encode(bytes))
                #expect(try client.reply().error != nil)
            }
        }
    }

    @Test func thousandConnectionsComeAndGo() throws {
        try underFire { xpmd in
            for round in 0..<4 {
                var clients: [RawClient] = []
                for index in 0..<250 {
                    let client = try RawClient(xpmd.socket)
                    if index % 3 == round % 3 { client.send([0, 0, 1]) } else { try client.greet() }
                    clients.append(client)
                }
                #expect(try xpmd.status().connections >= 160)
            }
            // Those that were dropped are forgotten: this one alone is left once their ends have been read.
            let client = try greeted(xpmd)
            var open: JSONValue?
            repeat {
                let reply = try client.ask(#"{"id":1,"jsonrpc":"2.0","method":"daemon.status"}"#)
                guard case .object(let status)? = reply.result else { throw TestFailure("no status: \(reply)") }
                open = status["connections"]
            } while open != 1
        }
    }

    @Test func pipelinedRequestsAreAnsweredInOrder() throws {
        try underFire { xpmd in
            let client = try greeted(xpmd)
            let requests = (1...2000).flatMap { id in
                Frame.encode(Array(#"{"id":\#(id),"jsonrpc":"2.0","method":"daemon.status"}"#.utf8))
            }
            client.send(requests)
            for id in 1...2000 { #expect(try client.reply().id == .integer(Int64(id))) }
        }
    }

    @Test(.enabled(if: geteuid() == 0, "only root can become another user"))
    func otherUsersConnectionIsRefused() throws {
        try underFire { xpmd in
            for path in [xpmd.scratch.path, xpmd.runtime] { chmod(path, 0o755) }
            chmod(xpmd.socket, 0o666)
            let script = """
                import socket, struct, sys
                s = socket.socket(socket.AF_UNIX)
                s.settimeout(60)
                s.connect(sys.argv[1])
                body = sys.argv[2].encode()
                try:
                    s.sendall(struct.pack('>I', len(body)) + body)
                    said = s.recv(100)
                except (BrokenPipeError, ConnectionResetError):
                    said = b''
                sys.exit(3 if said else 0)
                """
            let stranger = try ChildProcess(
                [
                    "setpriv", "--reuid", "65534", "--clear-groups", "/usr/bin/python3", "-c", script, xpmd.socket,
                    RawClient.hello,
                ],
                environment: ["PATH": "/usr/sbin:/usr/bin:/sbin:/bin"])
            #expect(try stranger.wait() == .code(0))
            chmod(xpmd.socket, 0o600)
            chmod(xpmd.runtime, 0o700)
        }
    }
}
