import Glibc
import Testing

@testable import XPMKeeping

/// What happens after a keeper was killed: the next one takes over what lives on.
struct AdoptionTests {
    @Test func processOfAKilledKeeperIsTakenOver() throws {
        try withKeeper { keeper in
            let (pid, startTime) = try keeper.greet().client.spawn(keeper.sleeper(1))
            keeper.killKeeper()
            #expect(isAlive(pid))
            try keeper.relaunch()
            let client = try keeper.greet().client
            try client.send(.adopt(AdoptOrder(attempt: 1, pid: pid, startTime: startTime, marker: keeper.marker(1))))
            #expect(try client.next() == .spawned(attempt: 1, pid: pid, startTime: startTime))
            try client.send(.signal(attempt: 1, signal: SIGTERM))
            try expectEnd(by: SIGTERM, client.exit(of: 1))
            try client.emptied(1)
            #expect(!isAlive(pid))
        }
    }

    /// The status is known where the kernel tells it and the new parent has reaped in time.
    private func expectEnd(by signal: Int32, _ status: XPMKeeping.ExitStatus) {
        #expect(status == .unknown || status == .signal(signal, core: false))
    }

    @Test func processIsFoundByItsMarker() throws {
        try withKeeper { keeper in
            let ready = try Tidings(keeper.folder.path + "/ready")
            let order = keeper.order(1, "sh -c 'echo $$ > ready; exec sleep 1000' & wait")
            let (pid, startTime) = try keeper.greet().client.spawn(order)
            let child = try ready.pid()
            keeper.killKeeper()
            try keeper.relaunch()
            let client = try keeper.greet().client
            try client.send(.adopt(AdoptOrder(attempt: 1, pid: 0, startTime: 0, marker: keeper.marker(1))))
            #expect(try client.next() == .spawned(attempt: 1, pid: pid, startTime: startTime))
            try client.send(.kill(attempt: 1))
            try expectEnd(by: SIGKILL, client.exit(of: 1))
            try client.emptied(1)
            #expect(!isAlive(child))
        }
    }

    @Test func processThatAKilledKeeperWasMakingIsWaitedFor() throws {
        try withKeeper { keeper in
            // Until its execve it has the keeper's name, arguments and environment.
            let go = keeper.folder.path + "/go"
            mkfifo(go, 0o600)
            let program = keeper.folder.path + "/xpm-keeper"
            // The marker comes with the execve itself: by way of env there would be a program without it for a moment.
            let script = "#!/bin/sh\nread -r marker < \(go)\nexport \"$marker\"\nexec sleep 1000\n"
            try write(script, to: program)
            let pid = try startProgram([program, "--socket", keeper.socketPath], environment: ["PATH=/usr/bin:/bin"])
            defer { waitpid(pid, nil, 0) }
            defer { kill(pid, SIGKILL) }
            let client = try keeper.greet().client
            try client.send(.adopt(AdoptOrder(attempt: 1, pid: 0, startTime: 0, marker: keeper.marker(1))))
            try write(keeper.marker(1) + "\n", to: go)
            let startTime = try #require(ProcessFiles.stat(of: pid)?.startTime)
            #expect(try client.next() == .spawned(attempt: 1, pid: pid, startTime: startTime))
        }
    }

    private func write(_ text: String, to path: String) throws {
        let file = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o700)
        try #require(file >= 0)
        let bytes = Array(text.utf8)
        #expect(Glibc.write(file, bytes, bytes.count) == bytes.count)
        close(file)
    }

    @Test func otherStartTimeIsAnUnknownEnd() throws {
        try withKeeper { keeper in
            let (pid, startTime) = try keeper.greet().client.spawn(keeper.sleeper(1))
            keeper.killKeeper()
            try keeper.relaunch()
            let client = try keeper.greet().client
            try client.send(
                .adopt(AdoptOrder(attempt: 2, pid: pid, startTime: startTime + 1, marker: keeper.marker(2))))
            #expect(try client.exit(of: 2) == .unknown)
            try client.emptied(2)
            try client.send(.kill(attempt: 2), .signal(attempt: 2, signal: SIGKILL))
            #expect(try client.greet().count == 1)
            #expect(isAlive(pid))
        }
    }

    @Test func nothingWithTheMarkerIsAnUnknownEnd() throws {
        try withKeeper { keeper in
            let client = try keeper.greet().client
            try client.send(.adopt(AdoptOrder(attempt: 1, pid: 0, startTime: 0, marker: keeper.marker(1))))
            #expect(try client.exit(of: 1) == .unknown)
            try client.emptied(1)
        }
    }

    @Test func leftoversOfAnAdoptedProcessAreKilledBeforeItIsEmpty() throws {
        try withKeeper { keeper in
            let ready = try Tidings(keeper.folder.path + "/ready")
            let script = "setsid sh -c 'setsid sh -c \"echo \\$\\$ > ready; exec sleep 1000\" &' & exec sleep 1000"
            let (pid, startTime) = try keeper.greet().client.spawn(keeper.order(1, script))
            let left = try ready.pid()
            keeper.killKeeper()
            try keeper.relaunch()
            let client = try keeper.greet().client
            try client.send(.adopt(AdoptOrder(attempt: 1, pid: pid, startTime: startTime, marker: keeper.marker(1))))
            kill(pid, SIGTERM)
            try expectEnd(by: SIGTERM, client.exit(of: 1))
            #expect(try client.greet().first?.isEmptied == false)
            #expect(isAlive(left))
            try client.send(.kill(attempt: 1))
            try client.emptied(1)
            #expect(!isAlive(left))
        }
    }

    @Test func leftoverOfADeadMainIsFoundAtAdoption() throws {
        try withKeeper { keeper in
            let ready = try Tidings(keeper.folder.path + "/ready")
            let script = "setsid sh -c 'echo $$ > ready; exec sleep 1000' & exec sleep 1000"
            let (pid, startTime) = try keeper.greet().client.spawn(keeper.order(1, script))
            let left = try ready.pid()
            keeper.killKeeper()
            kill(pid, SIGKILL)
            try awaitEnd(of: pid)
            try keeper.relaunch()
            let client = try keeper.greet().client
            try client.send(
                .adopt(AdoptOrder(attempt: 1, pid: pid, startTime: startTime + 1, marker: keeper.marker(1))))
            #expect(try client.exit(of: 1) == .unknown)
            #expect(try client.greet().first?.isEmptied == false)
            kill(left, SIGTERM)
            try client.emptied(1)
        }
    }

    @Test func statusIsKnownWhereTheKernelTellsIt() throws {
        try withKeeper { keeper in
            let client = try keeper.greet().client
            let pid = try startProgram(["/bin/sleep", "1000"], environment: [keeper.marker(1)])
            let startTime = try #require(ProcessFiles.stat(of: pid)?.startTime)
            let handle = try ProcessHandle(pid: pid, startTime: startTime)
            try client.send(.adopt(AdoptOrder(attempt: 1, pid: pid, startTime: startTime, marker: keeper.marker(1))))
            #expect(try client.next() == .spawned(attempt: 1, pid: pid, startTime: startTime))
            // Stopped, the keeper can't see it dead before it is reaped.
            kill(keeper.keeper, SIGSTOP)
            kill(pid, SIGUSR2)
            waitpid(pid, nil, 0)
            kill(keeper.keeper, SIGCONT)
            #expect(try client.exit(of: 1) == handle.exitStatus ?? .unknown)
            try client.emptied(1)
        }
    }
}
