import Glibc
import ProgramFiles
import Testing
import WorkspaceFixture
import XPMProtocol

/// Runs that are seen again: by another look at their workspace, by another xpmd, or when it is watched anew.
struct WorkspaceReturnTests {
    private static let run = "20261122_124841"
    private static let path = "experiments/e/\(run)"

    /// A workspace with a run that goes on as long as the lock of `e` is held.
    private func liveWorkspace() throws -> WorkspaceFolder {
        let workspace = try WorkspaceFolder()
        try workspace.file("\(Self.path)/status.json", Written.status("running", Written.service("board"), events: 0))
        try workspace.link("experiments/e/current", to: Self.run)
        return workspace
    }

    private func identity(_ workspace: WorkspaceFolder) -> RunIdentity {
        RunIdentity(workspace: workspace.root, experiment: "e", run: Self.run)
    }

    private func runs(_ xpmd: Instance) throws -> [ExperimentRecord] { try xpmd.call(ListExperiments()).experiments }

    @Test func nameMeansTheRunThatBeganLastAndNotTheOneThatWasFoundLast() throws {
        let workspace = try WorkspaceFolder()
        for run in ["20261101_000000", "20261102_000000"] {
            try workspace.file("experiments/e/\(run)/status.json", Written.status("done", Written.service("board")))
        }
        try withInstance { xpmd in
            try xpmd.launch()
            let run = try xpmd.open("e", run: "present", in: workspace.root)
            try xpmd.add("board", ["sleep", "1000"], to: run)
            #expect(try xpmd.watch(workspace) == 3)
            #expect(try xpmd.service("e:board").identity.run.run == "present")
            #expect(try runs(xpmd).map(\.identity.run) == ["20261101_000000", "20261102_000000", "present"])
            #expect(try xpmd.ctl("list").output.contains("20261102") == false)
            // So it stays when a past one leaves and comes back.
            let tape = try EventTape(xpmd.socket, since: xpmd.status().lastEvent)
            try workspace.move("experiments/e/20261101_000000", to: "aside")
            try tape.await { $0.kind == .experimentGone }
            try xpmd.ctl("remove", "e@20261101_000000:board")
            try workspace.move("aside", to: "experiments/e/20261101_000000")
            try tape.await { $0.kind == .serviceAdded }
            #expect(try xpmd.service("e:board").identity.run.run == "present")
        }
    }

    @Test func runThatWasSaidToHaveEndedAndGoesOnIsOpenAgain() throws {
        let workspace = try liveWorkspace()
        try withInstance { xpmd in
            try xpmd.launch()
            let lock = try HeldLock("e", of: workspace, in: xpmd)
            try xpmd.watch(workspace)
            let tape = try EventTape(xpmd.socket, since: xpmd.status().lastEvent)
            try workspace.move(Self.path, to: "aside")
            try tape.await { $0.kind == .experimentGone }
            #expect(try runs(xpmd).map(\.status) == [.failed])
            try workspace.move("aside", to: Self.path)
            try tape.await { $0.kind == .experimentOpened }
            #expect(try runs(xpmd).map(\.status) == [.open])
            #expect(try runs(xpmd).map(\.closedAt) == [nil])
            try lock.release()
            try tape.await { $0.kind == .experimentClosed }
            #expect(try runs(xpmd).map(\.status) == [.failed])
        }
    }

    /// The run is a client's, who goes without a word, and is known to end with its lock alone.
    @Test func endOfALockThatXpmdHasSeenCountsAlsoWhenItWasAway() throws {
        let workspace = try liveWorkspace()
        try withInstance { xpmd in
            try xpmd.launch()
            let lock = try HeldLock("e", of: workspace, in: xpmd)
            let run = try xpmd.open("e", run: Self.run, in: workspace.root)
            try xpmd.addScript("page", "exec sleep 1000", to: run) { $0.lifetime = LifetimePolicy(.stop) }
            try xpmd.start("page")
            try xpmd.watch(workspace)
            #expect(try runs(xpmd).map(\.status) == [.open])
            let last = try xpmd.status().lastEvent
            try xpmd.crash()
            try lock.release()
            try xpmd.launch()
            try EventTape(xpmd.socket, since: last).await { $0.kind == .experimentClosed }
            #expect(try xpmd.wait("page", for: .ended).state == .stopped)
        }
    }

    /// Both have a service that runs while the workspace is not watched; one of them ends in that time.
    @Test func runsThatWereOnlyFoundStayThatOverAnotherWatch() throws {
        let workspace = try liveWorkspace()
        let python = "\(workspace.root)/python"
        let text = """
            #!/usr/bin/env python3
            import os, signal, socket
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as s:
                s.sendto(b"READY=1", os.environ["NOTIFY_SOCKET"])
            signal.pause()
            """
        #expect(writeProgram(python, text, mode: 0o700) == 0)
        try workspace.file("jobs/t/h/t.py", "#!\(python)\n# Experimaestro generated task\n\n")
        for run in ["e/\(Self.run)", "f/\(Self.run)"] {
            try workspace.file(
                "experiments/\(run)/status.json", Written.status("running", Written.service("board"), events: 0))
            try workspace.folder("experiments/\(run)/jobs/t")
            try workspace.link("experiments/\(run)/jobs/t/h", to: workspace.root + "/jobs/t/h")
        }
        try withInstance { xpmd in
            try xpmd.launch()
            // No process holds the lock yet, so that the interpreters are those of the jobs.
            try xpmd.watch(workspace)
            try xpmd.start("f:board")
            try xpmd.start("e:board")
            let tape = try EventTape(xpmd.socket, since: xpmd.status().lastEvent)
            let lock = try HeldLock("e", of: workspace, in: xpmd)
            try workspace.folder("experiments/e/touch")
            try tape.await { $0.kind == .experimentOpened }
            #expect(try xpmd.ctl("unwatch", workspace.root).code == 0)
            #expect(try runs(xpmd).map(\.isWatched) == [false, false])
            try lock.release()
            try xpmd.crash()
            try xpmd.launch()
            try xpmd.watch(workspace)
            #expect(try runs(xpmd).map(\.isWatched) == [true, true])
            #expect(try runs(xpmd).map(\.status) == [.failed, .failed])
            // Without the workspace they go with their last service.
            #expect(try xpmd.ctl("unwatch", workspace.root).code == 0)
            for name in ["e:board", "f:board"] {
                try xpmd.stop(name)
                #expect(try xpmd.ctl("remove", name).code == 0)
            }
            #expect(try runs(xpmd).isEmpty)
        }
    }
}
