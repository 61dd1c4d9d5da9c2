import Glibc
import Testing
import XPMLogs

@testable import XPMKeeping

/// Services with a terminal of their own: no death of ours takes it away.
struct TerminalTests {
    private func greet(_ keeper: KeeperFixture) throws -> KeeperClient {
        let client = try keeper.connect()
        _ = try client.greet(version: 4)
        return client
    }

    private func order(_ keeper: KeeperFixture, _ attempt: UInt64, _ script: String) -> SpawnOrder {
        var order = keeper.piped(attempt, script)
        order.standardError = keeper.folder.path + "/unused"
        order.extras.terminal = TerminalSize(columns: 132, rows: 43)
        return order
    }

    private func finish(_ attempt: UInt64, _ client: KeeperClient) throws {
        _ = try client.exit(of: attempt)
        try client.emptied(attempt)
        try client.settle(attempt)
    }

    private func adopt(_ order: SpawnOrder, _ pid: Int32, _ startTime: UInt64, _ client: KeeperClient) throws {
        var adoption = AdoptOrder(attempt: order.attempt, pid: pid, startTime: startTime, marker: order.marker)
        (adoption.standardOutput, adoption.standardError) = (order.standardOutput, order.standardError)
        (adoption.rotation, adoption.hasTerminal) = (order.extras.rotation, true)
        try client.send(.adopt(adoption), .adoptedAll)
    }

    @Test func outputAndErrorsAreOneTerminal() throws {
        try withKeeper { keeper in
            let client = try greet(keeper)
            let script = """
                test -t 1 && test -t 2 && echo terminals; test -t 0 || echo no input; stty size <&1
                exec 4>&1 5>&2; test "$(tty <&4)" = "$(tty <&5)" && echo one
                echo by name > /dev/stderr
                (: > /dev/tty) 2> /dev/null || echo nobody controls it
                echo errors >&2; read -r line; echo "read: $line"
                """
            _ = try client.spawn(order(keeper, 1, script))
            try finish(1, client)
            let wanted = "terminals\nno input\n43 132\none\nby name\nnobody controls it\nerrors\nread: \n"
            #expect(keeper.folder.read("log") == wanted)
            #expect(access(keeper.folder.path + "/unused", F_OK) != 0)
        }
    }

    /// Programs write a line at once where they have a terminal.
    @Test func linesComeAtOnce() throws {
        try withKeeper { keeper in
            let client = try greet(keeper)
            let tidings = try Tidings(keeper.folder.path + "/tidings")
            let go = try Tidings(keeper.folder.path + "/go")
            let script = """
                exec python3 -c '
                print("hello")
                open("tidings", "w").write("\\n")
                open("go").readline()
                '
                """
            _ = try client.spawn(order(keeper, 1, script))
            _ = try tidings.line()
            try client.settle(1)
            #expect(keeper.folder.read("log") == "hello\n")
            try go.open()
            try finish(1, client)
        }
    }

    @Test func attemptsAndCommandsFollowEachOther() throws {
        try withKeeper { keeper in
            let client = try greet(keeper)
            let tidings = try Tidings(keeper.folder.path + "/tidings")
            let go = try Tidings(keeper.folder.path + "/go")
            _ = try client.spawn(order(keeper, 1, "echo one; echo > tidings; read -r _ < go; echo end"))
            _ = try tidings.line()
            _ = try client.spawn(keeper.piped(1 << 63 | 7, "test -t 1 && echo command"))
            try finish(1 << 63 | 7, client)
            try go.open()
            try finish(1, client)
            _ = try client.spawn(order(keeper, 2, "test -t 1 && echo two"))
            try finish(2, client)
            _ = try client.spawn(keeper.piped(3, "test -t 1 || echo three"))
            try finish(3, client)
            #expect(keeper.folder.read("log") == "one\ncommand\nend\ntwo\nthree\n")
        }
    }

    private static let lines = 20_000
    /// Writes numbered lines, tells at some of them, and waits at others until it may go on.
    private static let writer = """
        python3 -c '
        import os
        for number in range(\(lines)):
            os.write(1, b"line %d\\n" % number)
            if number % 2000 == 0: open("tidings", "w").write("%d\\n" % number)
            if number % 2000 == 500: open("go").readline()
        '
        """

    enum Victim: CaseIterable { case logger, keeper, both }

    @Test(arguments: Victim.allCases) func nothingIsLostWhoeverIsKilled(_ victim: Victim) throws {
        try withKeeper { keeper in
            var client = try greet(keeper)
            let tidings = try Tidings(keeper.folder.path + "/tidings")
            let go = try Tidings(keeper.folder.path + "/go")
            let order = order(keeper, 1, "exec " + Self.writer)
            let (pid, startTime) = try client.spawn(order)
            for round in 0..<Self.lines / 2000 {
                _ = try tidings.line()
                // What it writes last is lost with it where nobody else has the terminal by then.
                guard round < 9 else {
                    try go.open()
                    continue
                }
                if victim != .logger { keeper.killKeeper() }
                if victim != .keeper, let logger = keeper.loggerPID { kill(logger, SIGKILL) }
                #expect(isAlive(pid))
                try go.open()
                guard victim != .logger else { continue }
                try keeper.relaunch()
                client = try greet(keeper)
                try adopt(order, pid, startTime, client)
                _ = try client.next { if case .spawned = $0 { true } else { false } }
            }
            try finish(1, client)
            expectAllLines(keeper)
        }
    }

    private func expectAllLines(_ keeper: KeeperFixture) {
        let lines = keeper.folder.read("log").split(separator: "\n")
        #expect(lines.count == Self.lines, "\(keeper.folder.read("keeper.log"))")
        let wrong = lines.enumerated().first { $1 != "line \($0)" }
        #expect(wrong == nil, "\(wrong.map { "\($0): \(String($1))" } ?? "")")
    }

    /// The main process is gone, what it has started writes on, and everybody else is killed: the terminal is found with it.
    @Test(arguments: [false, true]) func leftoversKeepTheirEnd(hasTerminal: Bool) throws {
        try withKeeper { keeper in
            var client = try greet(keeper)
            let tidings = try Tidings(keeper.folder.path + "/tidings")
            let go = try Tidings(keeper.folder.path + "/go")
            var order = order(keeper, 1, "\(Self.writer) &")
            if !hasTerminal { order.extras.terminal = nil }
            let (pid, startTime) = try client.spawn(order)
            _ = try client.exit(of: 1)
            for round in 0..<Self.lines / 2000 {
                _ = try tidings.line()
                guard round % 3 == 1 else {
                    try go.open()
                    continue
                }
                keeper.killKeeper()
                if let logger = keeper.loggerPID { kill(logger, SIGKILL) }
                try go.open()
                try keeper.relaunch()
                client = try greet(keeper)
                try adopt(order, pid, startTime, client)
                _ = try client.exit(of: 1)
            }
            try client.emptied(1)
            try client.settle(1)
            expectAllLines(keeper)
        }
    }
}
