import Testing
import WorkspaceFixture
import XPMProtocol

/// A workspace that is watched, from the first file to the last: its runs appear, go on and end as their files say.
struct WorkspaceTests {
    private static let run = "20261122_124841"
    private static let path = "experiments/e/\(run)"

    @Test func runAppearsGoesOnAndEndsWithItsLock() throws {
        let workspace = try WorkspaceFolder()
        try withInstance { xpmd in
            try xpmd.launch()
            try xpmd.watch(workspace)
            let tape = try EventTape(xpmd.socket)
            let lock = try HeldLock("e", of: workspace, in: xpmd)
            try workspace.file("\(Self.path)/status.json", Written.status("running", events: 0))
            try workspace.link("experiments/e/current", to: Self.run)
            try tape.await { $0.kind == .experimentOpened && $0.run == Self.run }

            // Events, the first one in two pieces.
            let line = Written.event("lab", state: #"{"log_directory":{"__path__":"/logs/lab"}}"#)
            try workspace.file(".events/experiments/e-0.jsonl", String(line.prefix(40)))
            try workspace.append(".events/experiments/e-0.jsonl", String(line.dropFirst(40)))
            try tape.await { $0.kind == .serviceAdded && $0.id == "lab" }
            let lab = try xpmd.call(GetService(ServiceReference(parsing: "e:lab")))
            guard case .recreate(let recreation) = lab.definition.run else { throw TestFailure("it is no class") }
            #expect(recreation.python == "/usr/bin/python3" && recreation.pythonFrom == .process)
            #expect(recreation.path == [xpmd.scratch.path, "/tmp/of-the-lock"])
            #expect(lab.definition.className == "m.Board" && lab.service.description == "A lab")
            #expect(lab.definition.log?.stdout == "/logs/lab/logs.out" && lab.definition.log?.fresh == true)

            // status.json in place, torn for a while.
            let text = Written.status("running", Written.service("board"), events: 1)
            try workspace.file("\(Self.path)/status.json", String(text.prefix(120)))
            try workspace.file("\(Self.path)/status.json", text)
            try tape.await { $0.kind == .serviceAdded && $0.id == "board" }
            #expect(try xpmd.list().count == 2)

            // Rotated, then ended.
            try workspace.file(".events/experiments/e-1.jsonl", Written.event("late"))
            try tape.await { $0.kind == .serviceAdded && $0.id == "late" }
            try workspace.file(
                "\(Self.path)/.new", Written.status("done", Written.service("board"), Written.service("lab")))
            try workspace.move("\(Self.path)/.new", to: "\(Self.path)/status.json")
            try lock.release()
            #expect(try tape.await { $0.kind == .experimentClosed }.cause == "done")
            let record = try #require(try xpmd.call(ListExperiments()).experiments.first)
            #expect(record.status == .done && record.isWatched && !record.isGone)
            // What its own process wrote down at the end is all that there was.
            #expect(try xpmd.list().map(\.identity.id) == ["lab", "board"])
            #expect(
                try xpmd.call(GetService(ServiceReference(parsing: "e:lab"))).definition.run.python
                    == "/usr/bin/python3")
        }
    }

    @Test func runThatIsCopiedIntoTheWorkspaceIsReadOnceItIsWhole() throws {
        let workspace = try WorkspaceFolder()
        try withInstance { xpmd in
            try xpmd.launch()
            try workspace.file("experiments/e/lock", "")
            try xpmd.watch(workspace)
            let tape = try EventTape(xpmd.socket)
            // Its folder comes first, and looks as if its process had ended early.
            try workspace.folder(Self.path)
            try tape.await { $0.kind == .experimentClosed && $0.run == Self.run }
            let text = Written.status("done", Written.service("board"))
            try workspace.file("\(Self.path)/status.json", text)
            try tape.await { $0.kind == .serviceAdded && $0.id == "board" }
            #expect(try xpmd.call(ListExperiments()).experiments.map(\.status) == [.done])
        }
    }

    @Test func killedExperimentHasFailedAtOnce() throws {
        let workspace = try WorkspaceFolder()
        try withInstance { xpmd in
            try xpmd.launch()
            let lock = try HeldLock("e", of: workspace, in: xpmd)
            try workspace.file(
                "\(Self.path)/status.json", Written.status("running", Written.service("board"), events: 0))
            try workspace.link("experiments/e/current", to: Self.run)
            #expect(try xpmd.watch(workspace) == 1)
            #expect(try xpmd.call(ListExperiments()).experiments.map(\.status) == [.open])
            let tape = try EventTape(xpmd.socket)
            lock.process.kill()
            try tape.await { $0.kind == .experimentClosed }
            #expect(try xpmd.call(ListExperiments()).experiments.map(\.status) == [.failed])
        }
    }

    @Test func runThatLeavesIsGoneAndItsProcessLivesOn() throws {
        let workspace = try WorkspaceFolder()
        try workspace.file("\(Self.path)/status.json", Written.status("done", Written.service("board")))
        try withInstance { xpmd in
            try xpmd.launch()
            try xpmd.watch(workspace)
            let run = RunIdentity(workspace: workspace.root, experiment: "e", run: Self.run)
            try xpmd.open("e", run: Self.run, in: workspace.root)
            try xpmd.add("sleeper", ["sleep", "1000"], to: run)
            let pid = try #require(try xpmd.start("sleeper").pid)
            #expect(try xpmd.ctl("remove", "e:board").code == ErrorCode.conflict.exitCode)

            let tape = try EventTape(xpmd.socket)
            try workspace.remove("experiments/e")
            try tape.await { $0.kind == .experimentGone }
            #expect(try xpmd.list().map(\.isGone) == [true, true])
            #expect(Processes.isAlive(pid))
            let table = try xpmd.ctl("list", "--all").output
            #expect(table.contains("gone from its workspace"))
            #expect(try xpmd.ctl("remove", "e:sleeper").code == ErrorCode.notStopped.exitCode)
            #expect(try xpmd.ctl("remove", "e:board").code == 0)
            try xpmd.stop("sleeper")
            #expect(try xpmd.ctl("remove", "e:sleeper").code == 0)

            // It may come back.
            try workspace.file("\(Self.path)/status.json", Written.status("done", Written.service("board")))
            try tape.await { $0.kind == .serviceAdded && $0.id == "board" }
            #expect(try xpmd.list().map(\.isGone) == [false])
        }
    }

    @Test func whatHappensWhileNoDaemonRunsIsSeenByTheNext() throws {
        let workspace = try WorkspaceFolder()
        for number in 0..<3 {
            try workspace.file(
                "experiments/e/20261122_12484\(number)/status.json",
                Written.status("done", Written.service("s\(number)")))
        }
        try withInstance { xpmd in
            try xpmd.launch()
            #expect(try xpmd.watch(workspace) == 3)
            let before = try xpmd.list()
            let last = try xpmd.status().lastEvent
            try xpmd.crash()
            try workspace.remove("experiments/e/20261122_124840")
            try workspace.file(
                "experiments/e/20261122_124843/status.json", Written.status("failed", Written.service("s3")))
            try xpmd.launch()
            let tape = try EventTape(xpmd.socket, since: last)
            try tape.await { $0.kind == .experimentGone }
            if !tape.events.contains(where: { $0.id == "s3" }) { try tape.await { $0.id == "s3" } }
            let after = try xpmd.list()
            #expect(after.map(\.identity.id) == ["s0", "s1", "s2", "s3"])
            #expect(after.map(\.isGone) == [true, false, false, false])
            #expect(Array(after[1...2]) == Array(before[1...2]))

            // What is known is not told again.
            let quiet = try xpmd.status().lastEvent
            try xpmd.crash()
            try xpmd.launch()
            try xpmd.watch(workspace)
            let next = try EventTape(xpmd.socket, since: quiet)
            try next.read(to: try xpmd.status().lastEvent)
            #expect(Set(next.events.map(\.kind)) == [.daemonStarted])
        }
    }

    @Test func twoThousandRunsAtOnce() throws {
        let workspace = try WorkspaceFolder()
        for number in 0..<2000 {
            let run = "20261122_\(100_000 + number)"
            try workspace.file("new/\(run)/status.json", Written.status("done", Written.service("board")))
        }
        try withInstance { xpmd in
            try xpmd.launch()
            try xpmd.watch(workspace)
            let tape = try EventTape(xpmd.socket)
            try workspace.move("new", to: "experiments/many")
            var left = 2000
            while left > 0 { if try tape.next().kind == .serviceAdded { left -= 1 } }
            let services = try xpmd.list()
            #expect(services.count == 2000)
            // The order of the runs is that of their start.
            #expect(services.map(\.identity.run.run) == services.map(\.identity.run.run).sorted())
            #expect(
                try xpmd.call(GetService(ServiceReference(parsing: "board"))).service.identity.run.run
                    == "20261122_101999")
            #expect(try xpmd.ctl("list").output.split(separator: "\n").count == 2)
            let all = try xpmd.ctl("workspaces", "--output", "json").output
            #expect(try Wire.decode([WorkspaceRecord].self, from: all.utf8).map(\.services) == [2000])
        }
    }

    @Test func nothingInAWorkspaceIsWritten() throws {
        let workspace = try WorkspaceFolder()
        try workspace.file("\(Self.path)/status.json", Written.status("running", Written.service("board"), events: 0))
        try workspace.link("experiments/e/current", to: Self.run)
        try workspace.file(".events/experiments/e-0.jsonl", Written.event("lab"))
        try workspace.file("experiments/e/lock", "")
        try workspace.file("experiments/f/20261122_000000/status.json", "{\"torn\":")
        let before = try Listing(workspace.root)
        try withInstance { xpmd in
            try xpmd.launch()
            #expect(try xpmd.watch(workspace) == 2)
            try xpmd.crash()
            try xpmd.launch()
            try xpmd.watch(workspace)
            #expect(try xpmd.ctl("unwatch", workspace.root).code == 0)
        }
        #expect(try Listing(workspace.root) == before)
    }
}

extension Run {
    /// The interpreter of a class.
    fileprivate var python: String? { if case .recreate(let recreation) = self { recreation.python } else { nil } }
}
