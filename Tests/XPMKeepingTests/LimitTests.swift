import Glibc
import Testing

@testable import XPMKeeping

/// What an attempt gets beyond a process.
struct LimitTests {
    @Test func limitsHoldFromTheFirstInstruction() throws {
        try withKeeper { keeper in
            let (client, _) = try keeper.greetNewly()
            let tidings = try Tidings(keeper.folder.path + "/tidings")
            let script = "echo $(nice) $(cat /proc/self/oom_score_adj) $(ulimit -n) $(ulimit -d) >\(tidings.path)"
            let order = keeper.extras(keeper.order(1, script)) {
                $0.nice = 7
                $0.oomScore = 300
                $0.resourceLimits = [.init(resource: 7, limit: 123)]
                $0.memory = 256 << 20
            }
            _ = try client.spawn(order)
            #expect(try tidings.line() == "7 300 123 262144")
        }
    }

    @Test func limitAboveTheHardOneIsLoweredToIt() throws {
        try withKeeper { keeper in
            let (client, _) = try keeper.greetNewly()
            let tidings = try Tidings(keeper.folder.path + "/tidings")
            var limit = rlimit()
            getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
            let order = keeper.extras(keeper.order(1, "ulimit -n >\(tidings.path)")) {
                $0.resourceLimits = [.init(resource: 7, limit: .max)]
            }
            _ = try client.spawn(order)
            #expect(try tidings.line() == String(limit.rlim_max))
        }
    }

    @Test func costComesBeforeTheExit() throws {
        try withKeeper { keeper in
            let (client, _) = try keeper.greetNewly()
            _ = try client.spawn(keeper.order(1, "i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done"))
            guard case .spent(1, let cost) = try client.next() else { throw TestFailure("no bill") }
            #expect(cost.microseconds > 0 && cost.memory > 0 && !cost.outOfMemory)
            #expect(try client.exit(of: 1) == .code(0))
        }
    }

    @Test func wholeTreeIsMeasured() throws {
        try withKeeper { keeper in
            let (client, _) = try keeper.greetNewly()
            let tidings = try Tidings(keeper.folder.path + "/tidings")
            let child = "setsid sh -c 'echo on >\(tidings.path); exec sleep 1000' &"
            _ = try client.spawn(keeper.order(1, "\(child) exec sleep 1000"))
            _ = try tidings.line()
            _ = try client.spawn(keeper.sleeper(2))
            try client.send(.measure(attempts: []))
            let answer = try client.next { if case .usage = $0 { true } else { false } }
            guard case .usage(let usages) = answer else { return }
            #expect(usages.map(\.attempt) == [1, 2] && usages.map(\.processes) == [2, 1])
            #expect(usages.allSatisfy { $0.memory > 0 })
            var processes: [ProcessReport]
            repeat {
                try client.send(.inspect(attempt: 2))
                guard case .processes(2, let found) = try client.next() else { throw TestFailure("no answer") }
                processes = found
                // On a busy machine it may still be on its way to sleep.
            } while processes.map(\.state) == [UInt8(ascii: "R")]
            #expect(processes.map(\.name) == ["sleep"] && processes.map(\.state) == [UInt8(ascii: "S")])
        }
    }

    @Test func journalThatIsNotThereIsTheFault() throws {
        guard access(Spawning.journalSocket, F_OK) != 0 else { return }
        try withKeeper { keeper in
            let (client, _) = try keeper.greetNewly()
            try client.send(.spawn(keeper.extras(keeper.sleeper(1)) { $0.journal = "lab@r1:worker" }))
            #expect(try client.next() == .spawnFailed(attempt: 1, stage: .log, errno: ENOENT))
        }
    }

    @Test func streamsOfTheJournalBeginAsItsDaemonWants() {
        #expect(JournalStream.header("lab@r1:x\n", isError: false) == "lab@r1:x\n\n6\n1\n0\n0\n0\n")
        #expect(JournalStream.header("a", isError: true) == "a\n\n4\n1\n0\n0\n0\n")
    }

    @Test func childWithASessionOfItsOwnGetsTheSignalToo() throws {
        try withKeeper { keeper in
            let (client, _) = try keeper.greetNewly()
            let tidings = try Tidings(keeper.folder.path + "/tidings")
            let child =
                "trap 'echo TERM >\(tidings.path); exit' TERM; echo on >\(tidings.path); while :; do sleep 0.1; done"
            _ = try client.spawn(keeper.order(1, "setsid sh -c \"\(child)\" & trap '' TERM; wait"))
            _ = try tidings.line()
            try client.send(.signal(attempt: 1, signal: SIGTERM))
            #expect(try tidings.line() == "TERM")
        }
    }

    @Test func olderClientHearsNothingNew() throws {
        try withKeeper { keeper in
            let (client, _) = try keeper.greet()
            try client.send(.spawn(keeper.order(1, "exit 0")))
            let heard = [try client.next(), try client.next(), try client.next()]
            guard case .spawned = heard[0], case .exited = heard[1], case .emptied = heard[2] else {
                throw TestFailure("\(heard)")
            }
        }
    }

    static let newRequests: [KeeperRequest] = Samples.requests.filter { $0.version == 2 }

    @Test(arguments: newRequests)
    func olderClientHasNoNewRequests(_ request: KeeperRequest) throws {
        try withKeeper { keeper in
            let (client, _) = try keeper.greet()
            // Without any connection the keeper would end.
            let witness = try keeper.connect()
            try client.send(request)
            #expect(try client.untilClosed().isEmpty)
            #expect(try witness.greet().isEmpty)
        }
    }

    @Test func whoOutlivedItsParentGetsTheSignalToo() throws {
        try withKeeper { keeper in
            let (client, _) = try keeper.greetNewly()
            let tidings = try Tidings(keeper.folder.path + "/tidings")
            let orphan =
                "trap 'echo TERM >\(tidings.path); exit' TERM; echo on >\(tidings.path); while :; do sleep 0.1; done"
            try keeper.folder.write("orphan.sh", orphan)
            // The one between ends at once.
            let script = "setsid sh -c 'setsid sh orphan.sh &'; trap '' TERM; while :; do sleep 1000; done"
            _ = try client.spawn(keeper.order(1, script))
            _ = try tidings.line()
            try client.send(.signal(attempt: 1, signal: SIGTERM))
            #expect(try tidings.line() == "TERM")
        }
    }
}
