import CLinux
import Glibc
import Testing

@testable import XPMKeeping

/// What attempts say of themselves by sd_notify.
struct NotifyTests {
    /// Sends its arguments as datagrams to its NOTIFY_SOCKET, and then waits to be let go.
    private func speaker(
        _ keeper: KeeperFixture, _ lines: [String], then end: String = "exec sleep 1000", attempt: UInt64 = 1
    ) -> SpawnOrder {
        let path = keeper.folder.path + "/n/\(attempt)"
        let send =
            "import socket,os,sys; s=socket.socket(socket.AF_UNIX,socket.SOCK_DGRAM); [s.sendto(t.encode(), '\(path)') for t in sys.argv[1:]]"
        let words = lines.map { "'\($0)'" }.joined(separator: " ")
        var order = keeper.order(attempt, "python3 -c \"\(send)\" \(words); \(end)")
        order.environment = ["PATH=\(String(cString: getenv("PATH")))", order.marker]
        order.extras.notifySocket = path
        return order
    }

    private func isNotified(_ message: KeeperMessage) -> Bool {
        if case .notified = message { true } else { false }
    }

    @Test func wordsReachTheClient() throws {
        try withKeeper { keeper in
            let (client, _) = try keeper.greetNewly()
            _ = try client.spawn(speaker(keeper, ["READY=1\nSTATUS=up"]))
            guard case .notified(1, let pid, "READY=1\nSTATUS=up") = try client.next(where: isNotified) else {
                throw TestFailure("another word")
            }
            #expect(pid > 0)
        }
    }

    @Test func nextClientIsToldWhatLasts() throws {
        try withKeeper { keeper in
            var client: KeeperClient? = try keeper.greetNewly().client
            let tidings = try Tidings(keeper.folder.path + "/tidings")
            let words = ["STATUS=one", "READY=1", "WATCHDOG=1", "STATUS=two\nX_XPM_URL=http://h:1/"]
            _ = try client?.spawn(speaker(keeper, words, then: "echo said >\(tidings.path); exec sleep 1000"))
            _ = try tidings.line()
            client = nil
            let next = try keeper.greetNewly().client
            var told: Set<String> = []
            for _ in 0..<3 {
                if case .notified(1, _, let text) = try next.next(where: isNotified) { told.insert(text) }
            }
            #expect(told == ["STATUS=two", "READY=1", "X_XPM_URL=http://h:1/"])
        }
    }

    @Test func lastWordsOfWhatHasEndedComeBeforeTheSnapshotThatTellsOfIt() throws {
        try withKeeper { keeper in
            let (client, _) = try keeper.greetNewly()
            _ = try client.spawn(speaker(keeper, ["STATUS=ill", "X_XPM_ERROR=no room"], then: "exit 1"))
            _ = try client.next { $0 == .emptied(attempt: 1) }
            let next = try keeper.connect()
            let versions = KeeperProtocol.versions
            try next.send(.hello(minimum: versions.lowerBound, maximum: versions.upperBound))
            var told: [String] = []
            while true {
                let message = try next.next()
                if case .snapshot = message { break }
                if case .notified(1, _, let text) = message { told.append(text) }
            }
            #expect(told == ["X_XPM_ERROR=no room"])
        }
    }

    @Test func strangersAreNotHeard() throws {
        try withKeeper { keeper in
            let (client, _) = try keeper.greetNewly()
            let tidings = try Tidings(keeper.folder.path + "/tidings")
            _ = try client.spawn(speaker(keeper, [], then: "read line <\(tidings.path); exec sleep 1000"))
            // This very process is of no attempt.
            let socket = Glibc.socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
            defer { close(socket) }
            let address = try UnixAddress(keeper.folder.path + "/n/1")
            let text = "READY=1"
            let sent = address.withPointer { sendto(socket, text, text.utf8.count, 0, $0, $1) }
            #expect(sent == 7)
            try client.send(.inspect(attempt: 1))
            // The answer comes behind whatever was there to hear.
            let answer = try client.next()
            guard case .processes = answer else { throw TestFailure("heard \(answer)") }
            try tidings.open()
        }
    }

    @Test func socketIsTheOwnersAloneAndGoesWithTheAttempt() throws {
        try withKeeper { keeper in
            let (client, _) = try keeper.greetNewly()
            _ = try client.spawn(speaker(keeper, []))
            var status = stat()
            #expect(stat(keeper.folder.path + "/n/1", &status) == 0 && status.st_mode & 0o777 == 0o600)
            try client.send(.kill(attempt: 1))
            try client.emptied(1)
            #expect(access(keeper.folder.path + "/n/1", F_OK) != 0)
        }
    }

    @Test func anotherMainProcessIsFollowed() throws {
        try withKeeper { keeper in
            let (client, _) = try keeper.greetNewly()
            let tidings = try Tidings(keeper.folder.path + "/tidings")
            let go = try Tidings(keeper.folder.path + "/go")
            let child = "setsid sh -c 'echo $$ >\(tidings.path); read line <\(go.path); exit 7' &"
            _ = try client.spawn(keeper.order(1, "\(child) read line <\(go.path); exit 3"))
            let pid = try tidings.pid()
            try client.send(.follow(attempt: 1, pid: pid))
            guard case .spawned(1, pid, _) = try client.next() else { throw TestFailure("not followed") }
            try go.open()
            try go.open()
            // Whoever reaps it first: its parent's end says nothing of the attempt.
            let status = try client.exit(of: 1)
            #expect(status == .code(7) || status == .unknown)
            try client.emptied(1)
        }
    }

    @Test func lastWordsComeBeforeTheEnd() throws {
        try withKeeper { keeper in
            let (client, _) = try keeper.greetNewly()
            // What is said and the death of who says it are there to be heard at once.
            for attempt: UInt64 in 1...20 {
                let order = speaker(keeper, ["STOPPING=1"], then: "exit 0", attempt: attempt)
                _ = try client.spawn(order)
                var heard: [KeeperMessage] = []
                while heard.last != .emptied(attempt: attempt) { heard.append(try client.next()) }
                guard case .notified = heard.first else { throw TestFailure("\(heard)") }
            }
        }
    }

    @Test func whatWasSaidOutlivesItsSocket() throws {
        try withKeeper { keeper in
            let client = try keeper.greetNewly().client
            _ = try client.spawn(speaker(keeper, ["STATUS=gone", "ERRNO=5"], then: "exit 3"))
            try client.emptied(1)
            let next = try keeper.greetNewly().client
            let told = [try next.next(), try next.next()].compactMap { message in
                if case .notified(1, _, let text) = message { text } else { nil as String? }
            }
            #expect(told == ["STATUS=gone", "ERRNO=5"])
        }
    }

    @Test func adoptedOnesFormerMainProcessEndsNothing() throws {
        try withKeeper { keeper in
            let tidings = try Tidings(keeper.folder.path + "/tidings")
            let child = "setsid sh -c 'echo $$ >\(tidings.path); exec sleep 1000' &"
            let (main, startTime) = try keeper.greetNewly().client.spawn(
                keeper.order(1, "\(child) exec sleep 1000"))
            let pid = try tidings.pid()
            keeper.killKeeper()
            try keeper.relaunch()
            let (client, _) = try keeper.greetNewly()
            try client.send(.adopt(AdoptOrder(attempt: 1, pid: main, startTime: startTime, marker: keeper.marker(1))))
            _ = try client.next()
            try client.send(.follow(attempt: 1, pid: pid))
            guard case .spawned(1, pid, _) = try client.next() else { throw TestFailure("not followed") }
            kill(main, SIGKILL)
            try awaitEnd(of: main)
            // A signal reaches the one that goes on, and its end is the first that is heard of.
            try client.send(.signal(attempt: 1, signal: SIGTERM))
            let status = try client.exit(of: 1)
            #expect(status == .signal(SIGTERM, core: false) || status == .unknown)
            #expect(!isAlive(pid))
            try client.emptied(1)
        }
    }
}
