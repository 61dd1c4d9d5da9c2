import Glibc
import Testing
import XPMClient
import XPMProtocol

/// Many clients, and few descriptors: who can be served is, the others are told, nobody is left waiting.
struct ConnectionLimitTests {
    private let subscribe = #"{"id":8,"jsonrpc":"2.0","method":"events.subscribe"}"#

    /// This process needs as many descriptors as the daemon.
    private func raiseOwnLimit() {
        var limit = rlimit()
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        getrlimit(resource, &limit)
        limit.rlim_cur = min(limit.rlim_max, max(limit.rlim_cur, 65_536))
        setrlimit(resource, &limit)
    }

    /// The soft limit of open files.
    private func openFiles(of pid: Int32) -> String? {
        text(of: "/proc/\(pid)/limits").split(separator: "\n").first { $0.hasPrefix("Max open files") }
            .flatMap { $0.split(separator: " ").dropFirst(3).first }.map(String.init)
    }

    private func highestDescriptor(of pid: Int32) throws -> Int32 {
        guard let folder = opendir("/proc/\(pid)/fd") else { throw TestFailure(cannot: "look at process \(pid)") }
        defer { closedir(folder) }
        var highest: Int32 = 0
        while let entry = readdir(folder) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            highest = max(highest, Int32(name) ?? 0)
        }
        return highest
    }

    /// As a client that tries again: those that have just come are not idle yet.
    private func served<Value>(_ body: () throws -> Value) throws -> Value {
        while true {
            do { return try body() } catch let error as WireError where error.code == .tooManyConnections {}
        }
    }

    @Test(arguments: [(64, 48), (256, 400), (1024, 1500)])
    func newClientIsServedHoweverManyAreIdle(limit: Int, idle: Int) throws {
        raiseOwnLimit()
        try withInstance { xpmd in
            xpmd.prefix = ["/usr/bin/prlimit", "--nofile=\(min(limit, 1024)):\(limit)"]
            try xpmd.launch()
            let run = try xpmd.open("lab")
            try xpmd.addScript("tool", "echo hello; exec sleep 1000", to: run)
            let host = try RawHost(xpmd.socket, of: run)
            try host.add("hosted")
            let subscriber = try RawClient(xpmd.socket)
            try subscriber.greet()
            #expect(try subscriber.ask(subscribe).error == nil)

            var clients: [RawClient] = []
            var refusals = 0
            let refused = ErrorCode.tooManyConnections
            for _ in 0..<idle {
                let client = try RawClient(xpmd.socket)
                switch try client.ask(RawClient.hello).error?.code {
                case nil: clients.append(client)
                case refused: refusals += 1
                case let code: Issue.record("it was refused with \(String(describing: code))")
                }
            }
            #expect(clients.count + refusals == idle && clients.count >= limit / 8)

            #expect(try served { try xpmd.call(StartService(ServiceReference(parsing: "tool"))) }.wanted)
            #expect(try served { try xpmd.wait("tool", for: .running) }.state == .running)
            #expect(try served { try xpmd.log("tool") } == "hello\n")
            let listed = try served {
                let outcome = try xpmd.ctl("list")
                guard outcome.code != refused.exitCode else { throw WireError(refused, outcome.errors) }
                return outcome
            }
            #expect(listed.code == 0, "\(listed.errors)")

            // Those that are needed are there all the time.
            _ = try served { try xpmd.call(StartService(ServiceReference(parsing: "hosted"))) }
            try host.end(try host.take(.start))
            while let event = try subscriber.payload(), !String(decoding: event, as: UTF8.self).contains("hosted") {}
        }
    }

    @Test func whoIsRefusedIsToldWhatToDo() throws {
        try withInstance { xpmd in
            xpmd.prefix = ["/usr/bin/prlimit", "--nofile=64:64"]
            try xpmd.launch()
            var subscribers: [RawClient] = []
            while true {
                let client = try RawClient(xpmd.socket)
                guard try client.ask(RawClient.hello).error == nil else { break }
                #expect(try client.ask(subscribe).error == nil)
                subscribers.append(client)
            }
            #expect(subscribers.count == 16)
            let listed = try xpmd.ctl("list")
            #expect(listed.code == 9)
            #expect(
                listed.errors.contains("cannot accept another connection: 16 are open and in use"), "\(listed.errors)")
            #expect(listed.errors.contains("hint: "), "\(listed.errors)")
            subscribers = []
            _ = try served { try xpmd.status() }
        }
    }

    /// There is not one descriptor to be had, and nobody that could be closed.
    @Test func whoCannotEvenBeAcceptedIsTold() throws {
        try withInstance { xpmd in
            let daemon = try xpmd.launch()
            // They fill all gaps between the numbers that are taken.
            let subscribers = try (0..<40).map { _ in
                let client = try RawClient(xpmd.socket)
                try client.greet()
                #expect(try client.ask(subscribe).error == nil)
                return client
            }
            func limit(_ soft: String) throws {
                let child = try ChildProcess(
                    ["/usr/bin/prlimit", "--pid", "\(daemon.pid)", "--nofile=\(soft):"], environment: [:])
                #expect(try child.wait() == .code(0))
            }
            let before = try #require(openFiles(of: daemon.pid))
            try limit("\(highestDescriptor(of: daemon.pid) + 1)")
            for _ in 0..<3 {
                let listed = try xpmd.ctl("list")
                #expect(listed.code == 9 && listed.errors.contains("cannot accept another connection"), "\(listed)")
            }
            for client in subscribers { #expect(try client.ask(subscribe).error == nil) }
            try limit(before)
            #expect(try xpmd.ctl("list").code == 0)
        }
    }

    /// They wait in the backlog for as long as xpmd does not accept, and a connect that does not wait finds room.
    @Test(.enabled(if: (Int(text(of: "/proc/sys/net/core/somaxconn").dropLast()) ?? 0) > 500))
    func fiveHundredClientsAtOnceAreServed() throws {
        raiseOwnLimit()
        try withInstance { xpmd in
            let daemon = try xpmd.launch()
            _ = try xpmd.status()
            kill(daemon.pid, SIGSTOP)
            defer { kill(daemon.pid, SIGCONT) }
            let clients = try (0..<500).map { _ in try RawClient(xpmd.socket, waits: false) }
            for client in clients { client.send(frame: RawClient.hello) }
            kill(daemon.pid, SIGCONT)
            for client in clients { #expect(try client.reply().error == nil) }
            // The next program's socket has as much room.
            let connection = try xpmd.connect()
            _ = try connection.call(ReexecDaemon(), timeout: patience)
            #expect(connection.waitForEnd(timeout: patience))
            _ = try xpmd.status()
            kill(daemon.pid, SIGSTOP)
            let others = try (0..<500).map { _ in try RawClient(xpmd.socket, waits: false) }
            kill(daemon.pid, SIGCONT)
            for client in others { try client.greet() }
        }
    }

    @Test(arguments: [(1500, 1500), (200, 1024)])
    func servicesHaveTheLimitThatXpmdWasStartedWith(soft: Int, expected: Int) throws {
        try withInstance { xpmd in
            xpmd.prefix = ["/usr/bin/prlimit", "--nofile=\(soft):3000"]
            let daemon = try xpmd.launch()
            #expect(openFiles(of: daemon.pid) == "3000")
            let run = try xpmd.open("lab")
            let probed = xpmd.scratch.path + "/probed"
            func shown(_ id: String, _ caller: CallerSettings? = nil) throws -> String {
                try xpmd.addScript(id, "ulimit -S -n; ulimit -H -n; exec sleep 1000", to: run) {
                    $0.caller = caller
                    $0.readiness = Readiness(
                        command: CommandProbe(["/bin/sh", "-c", "ulimit -S -n > \(probed)"]))
                }
                try xpmd.start(id)
                return try xpmd.log(id) + text(of: probed)
            }
            let plain = "\(expected)\n3000\n\(expected)\n"
            #expect(try shown("first") == plain)
            #expect(try shown("called", CallerSettings(rlimits: ["nofile": [700, 2000]])).hasPrefix("700\n2000\n"))

            let connection = try xpmd.connect()
            _ = try connection.call(ReexecDaemon(), timeout: patience)
            #expect(connection.waitForEnd(timeout: patience))
            #expect(try shown("second") == plain)
            #expect(openFiles(of: daemon.pid) == "3000")
            try xpmd.killKeeper()
            #expect(try shown("third") == plain)
        }
    }
}
