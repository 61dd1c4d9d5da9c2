import Glibc
import Testing

@testable import XPMKeeping

struct KillTests {
    @Test func killEndsWhatIgnoresTerm() throws {
        try withKeeper { keeper in
            let client = try keeper.greet().client
            let ready = try Tidings(keeper.folder.path + "/ready")
            _ = try client.spawn(keeper.order(1, "trap '' TERM; echo $$ > ready; while :; do sleep 1000; done"))
            let pid = try ready.pid()
            try client.send(.signal(attempt: 1, signal: SIGTERM))
            #expect(try client.greet().first?.phase == .running)
            #expect(isAlive(pid))
            try client.send(.kill(attempt: 1))
            #expect(try client.exit(of: 1) == .signal(SIGKILL, core: false))
            try client.emptied(1)
        }
    }

    @Test func signalReachesTheWholeGroup() throws {
        try withKeeper { keeper in
            let client = try keeper.greet().client
            let ready = try Tidings(keeper.folder.path + "/ready")
            _ = try client.spawn(keeper.order(1, "(echo up > ready; exec sleep 1000) & wait"))
            _ = try ready.line()
            try client.send(.signal(attempt: 1, signal: SIGTERM))
            #expect(try client.exit(of: 1) == .signal(SIGTERM, core: false))
            try client.emptied(1)
        }
    }

    /// Ways to get away from the main process; each writes the pid of what got away.
    static let escapes = [
        "sh -c 'echo $$ > ready; exec sleep 1000' &",
        "setsid sh -c 'echo $$ > ready; exec sleep 1000' &",
        "setsid sh -c 'sh -c \"echo \\$\\$ > ready; exec sleep 1000\" &' &",
        "setsid sh -c 'setsid sh -c \"echo \\$\\$ > ready; exec sleep 1000\" &' &",
        "env -i /bin/sh -c 'echo $$ > ready; exec /bin/sleep 1000' &",
        "sh -c 'trap \"\" HUP TERM INT; echo $$ > ready; while :; do sleep 1000; done' &",
    ]

    @Test(arguments: escapes)
    func leftoversOfAnEndedProcessAreKilledBeforeItIsEmpty(_ escape: String) throws {
        try withKeeper { keeper in
            let client = try keeper.greet().client
            let ready = try Tidings(keeper.folder.path + "/ready")
            let gate = try Tidings(keeper.folder.path + "/gate")
            let main = try client.spawn(keeper.order(1, "\(escape) read x < gate; exit 3")).pid
            let pid = try ready.pid()
            try gate.open()
            #expect(pid != main)
            #expect(try client.exit(of: 1) == .code(3))
            guard case .exited(.code(3), _, emptied: false) = try #require(try client.greet().first).phase else {
                throw TestFailure("said to be empty although \(pid) lives")
            }
            #expect(isAlive(pid))
            try client.send(.kill(attempt: 1))
            try client.emptied(1)
            #expect(!isAlive(pid))
        }
    }

    @Test(arguments: escapes)
    func wholeTreeOfALivingProcessIsKilled(_ escape: String) throws {
        try withKeeper { keeper in
            let client = try keeper.greet().client
            let ready = try Tidings(keeper.folder.path + "/ready")
            _ = try client.spawn(keeper.order(1, "\(escape) exec sleep 1000"))
            let pid = try ready.pid()
            try client.send(.kill(attempt: 1))
            #expect(try client.exit(of: 1) == .signal(SIGKILL, core: false))
            try client.emptied(1)
            #expect(!isAlive(pid))
        }
    }

    @Test func descendantWithoutAnyMarkIsKilledWithItsTree() throws {
        try withKeeper { keeper in
            let client = try keeper.greet().client
            let ready = try Tidings(keeper.folder.path + "/ready")
            let script = "env -i setsid /bin/sh -c 'echo $$ > ready; exec /bin/sleep 1000' & wait"
            _ = try client.spawn(keeper.order(1, script))
            let pid = try ready.pid()
            try client.send(.kill(attempt: 1))
            try client.emptied(1)
            #expect(!isAlive(pid))
        }
    }

    @Test func signalReachesLeftovers() throws {
        try withKeeper { keeper in
            let client = try keeper.greet().client
            let ready = try Tidings(keeper.folder.path + "/ready")
            _ = try client.spawn(keeper.order(1, "setsid sh -c 'echo $$ > ready; exec sleep 1000' & exit 0"))
            let pid = try ready.pid()
            #expect(try client.exit(of: 1) == .code(0))
            try client.send(.signal(attempt: 1, signal: SIGTERM))
            try client.emptied(1)
            #expect(!isAlive(pid))
        }
    }

    @Test func killLeavesOthersAlone() throws {
        try withKeeper { keeper in
            let client = try keeper.greet().client
            let other = try client.spawn(keeper.sleeper(2)).pid
            _ = try client.spawn(keeper.sleeper(1))
            try client.send(.kill(attempt: 1), .kill(attempt: 77), .signal(attempt: 78, signal: SIGKILL))
            try client.emptied(1)
            #expect(isAlive(other))
            #expect(try client.greet().last?.phase == .running)
        }
    }

    @Test func treeThatForksWithoutEndIsKilled() throws {
        try withKeeper { keeper in
            let client = try keeper.greet().client
            let ready = try Tidings(keeper.folder.path + "/ready")
            // Each generation leaves its session and dies behind the next one's back.
            try keeper.folder.write("again.sh", "echo $$ > ready\nsetsid /bin/sh again.sh &\nread x < gate\n")
            mkfifo(keeper.folder.path + "/gate", 0o600)
            _ = try client.spawn(keeper.order(1, "/bin/sh again.sh"))
            for _ in 0..<5 { _ = try ready.pid() }
            try client.send(.kill(attempt: 1))
            try client.emptied(1)
            let marker = ArraySlice(keeper.marker(1).utf8)
            let left = ProcessFiles.all().filter { ProcessFiles.environment(of: $0.pid).contains(marker) }
            #expect(left.filter { !$0.isGone }.isEmpty)
        }
    }

    @Test func thousandServicesAreStartedAndKilled() throws {
        try withKeeper { keeper in
            let client = try keeper.greet().client
            let attempts: ClosedRange<UInt64> = 1...1000
            for attempt in attempts { try client.send(.spawn(keeper.sleeper(attempt))) }
            for attempt in attempts {
                _ = try client.next { if case .spawned(attempt, _, _) = $0 { true } else { false } }
            }
            for attempt in attempts { try client.send(.kill(attempt: attempt)) }
            for attempt in attempts {
                #expect(try client.exit(of: attempt) == .signal(SIGKILL, core: false))
                try client.emptied(attempt)
            }
            for attempt in attempts { try client.send(.acknowledge(attempt: attempt)) }
            #expect(try client.greet().isEmpty)
        }
    }
}
