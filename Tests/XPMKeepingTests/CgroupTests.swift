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

    @Test func mountIsFoundInItsTable() {
        let table = """
            22 1 0:20 / /sys rw - sysfs sysfs rw
            31 22 0:27 / /sys/fs/cgroup/unified rw,nosuid shared:5 - cgroup2 cgroup2 rw,nsdelegate
            32 22 0:28 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory
            """
        #expect(CgroupFiles.mount(in: table)?.point == "/sys/fs/cgroup/unified")
        #expect(CgroupFiles.mount(in: "22 1 0:20 / /sys rw - sysfs sysfs rw") == nil)
    }
}
