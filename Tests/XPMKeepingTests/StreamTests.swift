import Glibc
import Testing
import XPMLogs

@testable import XPMKeeping

/// Output through pipes: whatever is killed, what was written is in the log.
struct StreamTests {
    private func greet(_ keeper: KeeperFixture) throws -> KeeperClient {
        let client = try keeper.connect()
        _ = try client.greet(version: 4)
        return client
    }

    /// The order by which a new keeper takes over what an earlier one has started.
    private func adoption(of order: SpawnOrder, _ pid: Int32, _ startTime: UInt64) -> AdoptOrder {
        var adoption = AdoptOrder(attempt: order.attempt, pid: pid, startTime: startTime, marker: order.marker)
        (adoption.standardOutput, adoption.standardError) = (order.standardOutput, order.standardError)
        adoption.rotation = order.extras.rotation
        return adoption
    }

    private func finish(_ attempt: UInt64, _ client: KeeperClient) throws {
        _ = try client.exit(of: attempt)
        try client.emptied(attempt)
        try client.settle(attempt)
    }

    /// With a regular file each of these would empty the log.
    @Test func outputThatIsOpenedAnewKeepsAllLines() throws {
        try withKeeper { keeper in
            let client = try greet(keeper)
            let script = """
                echo one; echo two > /dev/stderr; echo three > /dev/stdout; echo four | tee /dev/stderr > /dev/null
                exec python3 -c 'print("five", file=open("/dev/stdout", "w"))'
                """
            _ = try client.spawn(keeper.piped(1, script))
            try finish(1, client)
            #expect(keeper.folder.read("log") == "one\ntwo\nthree\nfour\nfive\n")
        }
    }

    @Test func outputAndErrorsHaveLogsOfTheirOwn() throws {
        try withKeeper { keeper in
            let client = try greet(keeper)
            var order = keeper.piped(
                1, "echo out; echo err >&2; test -p /dev/stdout && test -p /dev/stderr && echo pipes")
            order.standardError = keeper.folder.path + "/errors"
            _ = try client.spawn(order)
            try finish(1, client)
            #expect(keeper.folder.read("log") == "out\npipes\n")
            #expect(keeper.folder.read("errors") == "err\n")
        }
    }

    /// What an attempt has written is there when it was asked for, though its process goes on.
    @Test func whatWasWrittenIsThereOnceSettled() throws {
        try withKeeper { keeper in
            let client = try greet(keeper)
            let tidings = try Tidings(keeper.folder.path + "/tidings")
            _ = try client.spawn(keeper.piped(1, "printf unfinished; echo said > tidings; exec sleep 1000"))
            _ = try tidings.line()
            try client.settle(1)
            #expect(keeper.folder.read("log") == "unfinished")
            // One without pipes has nothing to wait for.
            try client.settle(2)
        }
    }

    private static let lines = 20_000

    /// A service that writes numbered lines, tells at some of them, and waits at others until it may go on.
    private static let writer = """
        exec python3 -c '
        import os, signal
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
        for number in range(\(lines)):
            os.write(1, b"line %d\\n" % number)
            if number % 2000 == 0: open("tidings", "w").write("%d\\n" % number)
            if number % 2000 == 500: open("go").readline()
        '
        """

    private func expectAllLines(_ keeper: KeeperFixture) {
        let lines = keeper.folder.read("log").split(separator: "\n")
        #expect(lines.count == Self.lines)
        #expect(lines.enumerated().allSatisfy { $1 == "line \($0)" })
    }

    @Test func loggerThatIsKilledAgainAndAgainLosesNoLine() throws {
        try withKeeper { keeper in
            let client = try greet(keeper)
            let tidings = try Tidings(keeper.folder.path + "/tidings")
            let go = try Tidings(keeper.folder.path + "/go")
            _ = try client.spawn(keeper.piped(1, Self.writer))
            for _ in 0..<Self.lines / 2000 {
                _ = try tidings.line()
                if let logger = keeper.loggerPID { kill(logger, SIGKILL) }
                try go.open()
            }
            #expect(try client.exit(of: 1) == .code(0))
            try client.emptied(1)
            try client.settle(1)
            expectAllLines(keeper)
        }
    }

    /// The keeper, too: the service goes on writing into a pipe that nobody of ours has open, and the next ones take it up.
    @Test func serviceOutlivesKeeperAndLoggerWithAllItsLines() throws {
        try withKeeper { keeper in
            var client = try greet(keeper)
            let tidings = try Tidings(keeper.folder.path + "/tidings")
            let go = try Tidings(keeper.folder.path + "/go")
            let order = keeper.piped(1, Self.writer)
            let (pid, startTime) = try client.spawn(order)
            for round in 0..<Self.lines / 2000 {
                _ = try tidings.line()
                guard round % 3 == 1 else {
                    try go.open()
                    continue
                }
                keeper.killKeeper()
                if let logger = keeper.loggerPID { kill(logger, SIGKILL) }
                #expect(isAlive(pid))
                try go.open()
                try keeper.relaunch()
                client = try greet(keeper)
                try client.send(.adopt(adoption(of: order, pid, startTime)), .adoptedAll)
                #expect(
                    try client.next { if case .spawned = $0 { true } else { false } }
                        == .spawned(attempt: 1, pid: pid, startTime: startTime))
            }
            let end = try client.exit(of: 1)
            #expect(end == .code(0) || end == .unknown)
            try client.emptied(1)
            try client.settle(1)
            expectAllLines(keeper)
        }
    }

    /// The logger alone lived on: the next keeper finds with it what it reads.
    @Test func loggerGoesOnWithoutItsKeeper() throws {
        try withKeeper { keeper in
            var client = try greet(keeper)
            let tidings = try Tidings(keeper.folder.path + "/tidings")
            let go = try Tidings(keeper.folder.path + "/go")
            let order = keeper.piped(1, "echo before; echo > tidings; read -r _ < go; echo after")
            let (pid, startTime) = try client.spawn(order)
            _ = try tidings.line()
            try client.settle(1)
            let logger = try #require(keeper.loggerPID)
            keeper.killKeeper()
            try keeper.relaunch()
            client = try greet(keeper)
            try client.send(.adopt(adoption(of: order, pid, startTime)), .adoptedAll)
            try client.settle(1)
            #expect(keeper.loggerPID == logger)
            try go.open()
            try finish(1, client)
            #expect(keeper.folder.read("log") == "before\nafter\n")
        }
    }

    /// A command beside a service, say its last words, goes into the same log in its turn.
    @Test func commandsBesideAServiceShareItsPipe() throws {
        try withKeeper { keeper in
            let client = try greet(keeper)
            let tidings = try Tidings(keeper.folder.path + "/tidings")
            let go = try Tidings(keeper.folder.path + "/go")
            _ = try client.spawn(keeper.piped(1, "echo service; echo > tidings; read -r _ < go; echo end"))
            _ = try tidings.line()
            _ = try client.spawn(keeper.piped(1 << 63 | 7, "echo command"))
            try finish(1 << 63 | 7, client)
            try go.open()
            try finish(1, client)
            #expect(keeper.folder.read("log") == "service\ncommand\nend\n")
        }
    }

    @Test func attemptsFollowEachOtherInOneLog() throws {
        try withKeeper { keeper in
            let client = try greet(keeper)
            for attempt in UInt64(1)...3 {
                _ = try client.spawn(keeper.piped(attempt, "echo attempt \(attempt)"))
                try finish(attempt, client)
            }
            #expect(keeper.folder.read("log") == "attempt 1\nattempt 2\nattempt 3\n")
        }
    }

    /// Many at once: nobody waits for anybody.
    @Test func outputOfManyGoesIntoLogsOfTheirOwn() throws {
        try withKeeper { keeper in
            let client = try greet(keeper)
            for attempt in UInt64(1)...40 {
                try client.send(.spawn(keeper.piped(attempt, "echo \(attempt)", log: "log\(attempt)")))
            }
            for attempt in UInt64(1)...40 { try finish(attempt, client) }
            for attempt in 1...40 { #expect(keeper.folder.read("log\(attempt)") == "\(attempt)\n") }
        }
    }
}

/// Attempts that follow each other at once, while others of the log's writers go on.
struct AttemptStreamTests {
    private func greet(_ keeper: KeeperFixture) throws -> KeeperClient {
        let client = try keeper.connect()
        _ = try client.greet(version: 4)
        return client
    }

    private func told(_ keeper: KeeperFixture) throws -> [String] {
        let page = try LogReader(stdout: keeper.folder.path + "/log", stderr: nil).page(LogQuery())
        return page.entries.map { "\($0.attempt) \(String(decoding: page.text(of: $0).dropLast(), as: UTF8.self))" }
    }

    /// A command that goes on keeps the stream alive, in which the next attempt goes on.
    @Test func theNextAttemptIsToldApartInALivingStream() throws {
        try withKeeper { keeper in
            let client = try greet(keeper)
            let tidings = try Tidings(keeper.folder.path + "/tidings")
            let go = try Tidings(keeper.folder.path + "/go")
            let turn = try Tidings(keeper.folder.path + "/turn")
            let command: UInt64 = 1 << 63 | 9
            _ = try client.spawn(keeper.piped(command, "echo before; echo > tidings; read -r _ < go; echo after"))
            _ = try tidings.line()
            try client.settle(command)
            for attempt in UInt64(1)...2 {
                _ = try client.spawn(keeper.piped(attempt, "read -r _ < turn; echo attempt \(attempt)"))
                // The logger knows of it before it says anything.
                try client.settle(attempt)
                try turn.open()
                _ = try client.exit(of: attempt)
                try client.emptied(attempt)
                try client.settle(attempt)
            }
            try go.open()
            try client.emptied(command)
            try client.settle(command)
            #expect(try told(keeper) == ["0 before", "1 attempt 1", "2 attempt 2", "2 after"])
        }
    }

    @Test func attemptsThatFollowAtOnceLoseNothing() throws {
        try withKeeper { keeper in
            let client = try greet(keeper)
            for attempt in UInt64(1)...30 {
                _ = try client.spawn(keeper.piped(attempt, "seq -f '\(attempt) %g' 3000"))
                try client.emptied(attempt)
            }
            try client.settle(30)
            let lines = keeper.folder.read("log").split(separator: "\n")
            #expect(lines.count == 90_000)
            #expect(lines.enumerated().allSatisfy { $1 == "\($0 / 3000 + 1) \($0 % 3000 + 1)" })
        }
    }

    @Test func eachAttemptBeginsWithAnEmptyLogWhereThatIsAskedFor() throws {
        try withKeeper { keeper in
            let client = try greet(keeper)
            let policy = RotationPolicy(size: 0, age: 0, count: 1, rotatesAtStart: true)
            for attempt in UInt64(1)...3 {
                _ = try client.spawn(keeper.piped(attempt, "echo \(attempt)", policy))
                _ = try client.exit(of: attempt)
                try client.emptied(attempt)
                try client.settle(attempt)
            }
            #expect(keeper.folder.read("log") == "3\n")
            #expect(keeper.folder.read("log.2") == "2\n")
            #expect(access(keeper.folder.path + "/log.1", F_OK) != 0)
        }
    }
}
