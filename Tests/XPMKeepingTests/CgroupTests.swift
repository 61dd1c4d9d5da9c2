import Glibc
import Testing

@testable import XPMKeeping

/// Attempts with a cgroup of their own, for real where this machine has the unified hierarchy.
struct CgroupTests {
    @Test func attemptIsBornInACgroupThatEndsWithIt() throws {
        try withKeeper { keeper in
            guard let cgroup = CgroupFixture() else { return }
            let client = try keeper.greet(in: cgroup)
            let tidings = try Tidings(keeper.folder.path + "/tidings")
            _ = try client.spawn(keeper.order(1, "grep ^0: /proc/self/cgroup >\(tidings.path); exec sleep 1000"))
            #expect(try tidings.line() == "0::\(cgroup.path)/1")
            try client.send(.kill(attempt: 1))
            #expect(try client.exit(of: 1) == .signal(SIGKILL, core: false))
            try client.emptied(1)
            // A dead process may hold its cgroup for a moment: the next turn of the keeper's loop removes it.
            try client.send(.acknowledge(attempt: 1))
            _ = try client.spawn(keeper.order(2, "exit 0"))
            try client.emptied(2)
            try client.send(.inspect(attempt: 1))
            _ = try client.next { if case .processes = $0 { true } else { false } }
            #expect(!cgroup.files.children.contains("1"))
        }
    }

    @Test func whoHidesFromEverythingElseDiesWithItsCgroup() throws {
        try withKeeper { keeper in
            guard let cgroup = CgroupFixture() else { return }
            let client = try keeper.greet(in: cgroup)
            let tidings = try Tidings(keeper.folder.path + "/tidings")
            let hidden = "setsid env -i /bin/sh -c 'setsid sh -c \"echo \\$\\$ >\(tidings.path); exec sleep 1000\" &' &"
            _ = try client.spawn(keeper.order(1, "\(hidden) wait; exit 3"))
            let pid = try tidings.pid()
            #expect(try client.exit(of: 1) == .code(3))
            #expect(isAlive(pid))
            try client.send(.kill(attempt: 1))
            try client.emptied(1)
            try awaitEnd(of: pid)
        }
    }

    @Test func forkBombIsEnded() throws {
        try withKeeper { keeper in
            guard let cgroup = CgroupFixture() else { return }
            let client = try keeper.greet(in: cgroup)
            let tidings = try Tidings(keeper.folder.path + "/tidings")
            // Grows without end, but for the kill; each one waits a little, so that the machine stays usable.
            let bomb = "f() { sleep 0.05; f & f & }; f; echo on >\(tidings.path); exec sleep 1000"
            _ = try client.spawn(keeper.order(1, bomb))
            _ = try tidings.line()
            try client.send(.kill(attempt: 1))
            try client.emptied(1)
        }
    }

    @Test func cgroupOutlivesTheKeeperAndTellsTheNextWhatIsLeft() throws {
        try withKeeper { keeper in
            guard let cgroup = CgroupFixture() else { return }
            let client = try keeper.greet(in: cgroup)
            let tidings = try Tidings(keeper.folder.path + "/tidings")
            let script = "setsid env -i sh -c 'echo $$ >\(tidings.path); exec sleep 1000' & exec sleep 1000"
            let (main, startTime) = try client.spawn(keeper.order(1, script))
            let hidden = try tidings.pid()
            keeper.killKeeper()
            kill(main, SIGKILL)
            try awaitEnd(of: main)
            try keeper.relaunch()
            let next = try keeper.greetNewly().client
            try next.send(
                .adopt(
                    AdoptOrder(
                        attempt: 1, pid: main, startTime: startTime, marker: keeper.marker(1),
                        cgroup: cgroup.path + "/1")))
            _ = try next.exit(of: 1)
            #expect(isAlive(hidden))
            try next.send(.kill(attempt: 1))
            try next.emptied(1)
            try awaitEnd(of: hidden)
        }
    }

    @Test func unusableFolderIsSaidAndNoHindrance() throws {
        try withKeeper { keeper in
            let (client, _) = try keeper.greetNewly()
            try client.send(.useCgroup(folder: "/no/such/parent/at/all"))
            let answer = try client.next { if case .cgroup = $0 { true } else { false } }
            guard case .cgroup("", [], let reason) = answer else { throw TestFailure("\(answer)") }
            #expect(reason.hasPrefix("cannot "))
            _ = try client.spawn(keeper.sleeper(1))
        }
    }

    @Test func cgroupThatCanNotBeMadeIsNoHindrance() throws {
        try withKeeper { keeper in
            guard let cgroup = CgroupFixture() else { return }
            let client = try keeper.greet(in: cgroup)
            // The keeper's own is the last one that fits.
            #expect(cgroup.files.write("cgroup.max.descendants", "1"))
            let tidings = try Tidings(keeper.folder.path + "/tidings")
            let script = "grep ^0: /proc/self/cgroup >\(tidings.path); ulimit -d >\(tidings.path)"
            _ = try client.spawn(keeper.extras(keeper.order(1, script)) { $0.memory = 256 << 20 })
            #expect(try tidings.line() == "0::\(cgroup.path)/keeper")
            #expect(try tidings.line() == "262144")
            try client.emptied(1)
            #expect(keeper.folder.read("keeper.log").contains("cannot make the cgroup \(cgroup.files.folder)/1: "))
        }
    }

    @Test func cgroupOfAnotherIsNotTaken() throws {
        try withKeeper { keeper in
            guard let cgroup = CgroupFixture() else { return }
            let client = try keeper.greet(in: cgroup)
            let taken = cgroup.files.child("1")
            #expect(mkdir(taken.folder, 0o755) == 0)
            let stranger = try startProgram(["/bin/sleep", "1000"])
            defer { waitpid(stranger, nil, 0) }
            defer { kill(stranger, SIGKILL) }
            #expect(taken.write("cgroup.procs", "\(stranger)"))
            _ = try client.spawn(keeper.sleeper(1))
            try client.send(.kill(attempt: 1))
            try client.emptied(1)
            #expect(isAlive(stranger))
            #expect(keeper.folder.read("keeper.log").contains("cannot make the cgroup \(taken.folder)"))
            #expect(mkdir(cgroup.files.child("2").folder, 0o755) == 0)
            // One that nobody is in is made anew.
            let tidings = try Tidings(keeper.folder.path + "/tidings")
            _ = try client.spawn(keeper.order(2, "grep ^0: /proc/self/cgroup >\(tidings.path)"))
            #expect(try tidings.line() == "0::\(cgroup.path)/2")
        }
    }

    @Test func mainProcessThatMovedAwayIsKilledAndSignalled() throws {
        try withKeeper { keeper in
            guard let cgroup = CgroupFixture() else { return }
            let client = try keeper.greet(in: cgroup)
            let elsewhere = cgroup.files.child("elsewhere")
            #expect(mkdir(elsewhere.folder, 0o755) == 0)
            let tidings = try Tidings(keeper.folder.path + "/tidings")
            try keeper.folder.write(
                "child.sh", "trap 'echo TERM >tidings' TERM; echo $$ >tidings; while :; do sleep 0.1; done")
            let script = """
                echo 0 >\(elsewhere.folder)/cgroup.procs
                setsid sh child.sh &
                trap '' TERM
                while :; do wait; done
                """
            let (main, _) = try client.spawn(keeper.order(1, script))
            let pid = try tidings.pid()
            #expect(elsewhere.contains(main) && elsewhere.contains(pid))
            try client.send(.signal(attempt: 1, signal: SIGTERM))
            #expect(try tidings.line() == "TERM")
            try client.send(.kill(attempt: 1))
            #expect(try client.exit(of: 1) == .signal(SIGKILL, core: false))
            try client.emptied(1)
            #expect(!isAlive(main) && !isAlive(pid))
        }
    }

    @Test func shortageOfDescriptorsIsNoEnd() throws {
        try withKeeper { keeper in
            guard let cgroup = CgroupFixture() else { return }
            let client = try keeper.greet(in: cgroup)
            let tidings = try Tidings(keeper.folder.path + "/tidings")
            let gate = try Tidings(keeper.folder.path + "/gate")
            let child = "setsid sh -c 'echo $$ >\(tidings.path); exec sleep 1000' &"
            _ = try client.spawn(keeper.order(1, "\(child) read line <\(gate.path); exit 3"))
            let pid = try tidings.pid()
            try limitOpenFiles(of: keeper, to: "4:")
            try gate.open()
            #expect(try client.exit(of: 1) == .code(3))
            // Told only of what is there: a snapshot behind some looks without a descriptor.
            for _ in 0..<5 { #expect(try client.greet().map(\.isEmptied) == [false]) }
            try limitOpenFiles(of: keeper, to: "1000:")
            kill(pid, SIGKILL)
            try client.emptied(1)
        }
    }

    private func limitOpenFiles(of keeper: KeeperFixture, to limit: String) throws {
        let pid = try startProgram(["/usr/bin/prlimit", "--pid", "\(keeper.keeper)", "--nofile=\(limit)"])
        var status: Int32 = -1
        #expect(waitpid(pid, &status, 0) == pid && status == 0)
    }

    @Test func mainProcessIsFoundInItsCgroup() throws {
        try withKeeper { keeper in
            guard let cgroup = CgroupFixture() else { return }
            let client = try keeper.greet(in: cgroup)
            let tidings = try Tidings(keeper.folder.path + "/tidings")
            // Nothing but the cgroup tells whose they are.
            var order = keeper.order(1, "sh -c 'echo $$ >\(tidings.path); exec sleep 1000' & wait")
            order.environment = ["PATH=/usr/bin:/bin"]
            let (main, startTime) = try client.spawn(order)
            let child = try tidings.pid()
            keeper.killKeeper()
            try keeper.relaunch()
            let next = try keeper.greetNewly().client
            try next.send(
                .adopt(
                    AdoptOrder(
                        attempt: 1, pid: 0, startTime: 0, marker: keeper.marker(1), cgroup: cgroup.path + "/1")))
            #expect(try next.next() == .spawned(attempt: 1, pid: main, startTime: startTime))
            try next.send(.kill(attempt: 1))
            try next.emptied(1)
            #expect(!isAlive(child))
        }
    }

    @Test func limitThatIsRefusedIsTold() throws {
        let folder = try Scratch()
        defer { folder.remove() }
        for file in ["memory.max", "memory.oom.group", "cpu.weight"] { try folder.write(file, "") }
        let files = CgroupFiles(folder: folder.path)
        let extras = SpawnExtras(memory: 1 << 30, tasks: 7, cpuWeight: 50)
        let refused = files.limit(extras, ["memory", "pids", "cpu"])
        #expect(
            refused.mapValues(\.description) == [
                "pids": "cannot set pids.max of \(folder.path) to 7: No such file or directory"
            ])
        #expect(folder.read("memory.max") == "1073741824" && folder.read("cpu.weight") == "50")
        #expect(folder.read("memory.oom.group") == "1")
        #expect(files.limit(extras, []).isEmpty)
    }

    @Test(arguments: [
        ("oom 2\noom_kill 2\noom_group_kill 1\n", true),
        // Killed for a limit around it.
        ("oom 0\noom_kill 1\n", false),
        // The limit was reached, and nothing was killed.
        ("oom 1\noom_kill 0\n", false),
    ])
    func limitOfItsOwnIsToldFromOnesAroundIt(events: String, isItsOwn: Bool) throws {
        let folder = try Scratch()
        defer { folder.remove() }
        try folder.write("memory.events", events)
        #expect(CgroupFiles(folder: folder.path).killedByItsLimit == isItsOwn)
    }
}
