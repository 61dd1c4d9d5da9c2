import Glibc
import Testing

@testable import XPMKeeping

struct SpawnTests {
    @Test func exitCodeIsReported() throws {
        try withKeeper { keeper in
            let client = try keeper.greet().client
            let (pid, startTime) = try client.spawn(keeper.order(1, "exit 7"))
            #expect(pid > 0)
            #expect(startTime > 0)
            #expect(try client.exit(of: 1) == .code(7))
            try client.emptied(1)
        }
    }

    @Test func signalRightBehindSpawnArrives() throws {
        try withKeeper { keeper in
            let client = try keeper.greet().client
            try client.send(.spawn(keeper.sleeper(1)), .signal(attempt: 1, signal: SIGUSR1))
            #expect(try client.exit(of: 1) == .signal(SIGUSR1, core: false))
            try client.emptied(1)
        }
    }

    @Test func missingFolderIsNamed() throws {
        try withKeeper { keeper in
            var order = keeper.order(1, "exit 0")
            order.directory += "/missing"
            try expectFailure(keeper, order, .folder, ENOENT)
        }
    }

    @Test func missingCommandIsNamed() throws {
        try withKeeper { keeper in
            let order = keeper.order(1, arguments: [keeper.folder.path + "/missing"])
            try expectFailure(keeper, order, .exec, ENOENT)
        }
    }

    @Test func commandMustBeExecutable() throws {
        try withKeeper { keeper in
            try expectFailure(keeper, keeper.order(1, arguments: ["/etc/passwd"]), .exec, EACCES)
        }
    }

    @Test(arguments: [[], ["sh"], ["/bin/sh", "a\0b"]])
    func unfitArgumentsAreRefused(_ arguments: [String]) throws {
        try withKeeper { keeper in
            try expectFailure(keeper, keeper.order(1, arguments: arguments), .exec, EINVAL)
        }
    }

    @Test func missingLogFolderIsNamed() throws {
        try withKeeper { keeper in
            try expectFailure(keeper, keeper.order(1, "exit 0", log: "missing/log"), .log, ENOENT)
        }
    }

    @Test func pipeWithoutReaderAsLogHoldsUpNobody() throws {
        try withKeeper { keeper in
            mkfifo(keeper.folder.path + "/pipe", 0o600)
            try expectFailure(keeper, keeper.order(1, "exit 0", log: "pipe"), .log, ENXIO)
        }
    }

    /// Nothing is remembered of a failure either.
    private func expectFailure(
        _ keeper: KeeperFixture, _ order: SpawnOrder, _ stage: SpawnFailureStage, _ errno: Int32
    ) throws {
        let client = try keeper.greet().client
        try client.send(.spawn(order))
        #expect(try client.next() == .spawnFailed(attempt: order.attempt, stage: stage, errno: errno))
        #expect(try client.greet().isEmpty)
    }

    @Test func shortageOfDescriptorsIsAnAnswer() throws {
        try withKeeper { keeper in
            let client = try keeper.greet().client
            try setOpenFiles(of: keeper, "4:")
            try client.send(.spawn(keeper.order(1, "exit 0")))
            #expect(try client.next() == .spawnFailed(attempt: 1, stage: .resources, errno: EMFILE))
            try setOpenFiles(of: keeper, "1000:")
            _ = try client.spawn(keeper.order(1, "exit 0"))
            #expect(try client.exit(of: 1) == .code(0))
        }
    }

    private func setOpenFiles(of keeper: KeeperFixture, _ limit: String) throws {
        let pid = try startProgram(["/usr/bin/prlimit", "--pid", "\(keeper.keeper)", "--nofile=\(limit)"])
        var status: Int32 = -1
        #expect(waitpid(pid, &status, 0) == pid && status == 0)
    }

    @Test func logIsAppendedToAndPrivate() throws {
        try withKeeper { keeper in
            let client = try keeper.greet().client
            for (attempt, word) in [(1, "one"), (2, "two")] as [(UInt64, String)] {
                _ = try client.spawn(keeper.order(attempt, "echo \(word); echo \(word)! >&2"))
                try client.emptied(attempt)
            }
            #expect(keeper.folder.read("log") == "one\none!\ntwo\ntwo!\n")
            var status = stat()
            #expect(stat(keeper.folder.path + "/log", &status) == 0 && status.st_mode & 0o777 == 0o600)
        }
    }

    @Test func outputAndErrorMayGoApart() throws {
        try withKeeper { keeper in
            let client = try keeper.greet().client
            var order = keeper.order(1, "echo out; echo err >&2")
            order.standardError = keeper.folder.path + "/errors"
            _ = try client.spawn(order)
            try client.emptied(1)
            #expect(keeper.folder.read("log") == "out\n")
            #expect(keeper.folder.read("errors") == "err\n")
        }
    }

    @Test func environmentAndFolderAreThoseOrdered() throws {
        try withKeeper { keeper in
            let client = try keeper.greet().client
            _ = try client.spawn(keeper.order(1, arguments: ["/usr/bin/env"]))
            try client.emptied(1)
            _ = try client.spawn(keeper.order(2, arguments: ["/bin/pwd"]))
            try client.emptied(2)
            #expect(keeper.folder.read("log") == "PATH=/usr/bin:/bin\n\(keeper.marker(1))\n\(keeper.folder.path)\n")
        }
    }

    @Test func secondSpawnOfAnAttemptStartsNothing() throws {
        try withKeeper { keeper in
            let client = try keeper.greet().client
            let gate = try Tidings(keeper.folder.path + "/gate")
            let order = keeper.order(1, "echo run; echo up > gate; exec sleep 1000")
            let first = try client.spawn(order)
            _ = try gate.line()
            let second = try client.spawn(order)
            #expect(first == second)
            try client.send(.kill(attempt: 1))
            #expect(try client.exit(of: 1) == .signal(SIGKILL, core: false))
            try client.emptied(1)
            try client.send(.spawn(order))
            #expect(try client.next() == .spawned(attempt: 1, pid: first.pid, startTime: first.startTime))
            #expect(try client.exit(of: 1) == .signal(SIGKILL, core: false))
            try client.emptied(1)
            #expect(keeper.folder.read("log") == "run\n")
        }
    }
}
