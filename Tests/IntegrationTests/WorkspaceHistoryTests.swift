import Testing
import WorkspaceFixture
import XPMProtocol

/// What comes of runs after they were found: their end, and what is told of them late.
struct WorkspaceHistoryTests {
    private static let kept = 100

    private func run(_ number: Int) -> String { "20261122_\(124_000 + number)" }

    /// A program in an interpreter's place, named by a job of a run.
    private func makeStartable(_ run: String, of workspace: WorkspaceFolder, in xpmd: Instance) throws {
        let python = try xpmd.scratch.file(
            "python",
            """
            #!/usr/bin/env python3
            import os, signal, socket
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as s:
                s.sendto(b"READY=1", os.environ["NOTIFY_SOCKET"])
            signal.pause()
            """, mode: 0o700)
        try workspace.file("jobs/t/h/t.py", "#!\(python)\n# Experimaestro generated task\n\n")
        try workspace.folder("experiments/e/\(run)/jobs/t")
        try workspace.link("experiments/e/\(run)/jobs/t/h", to: workspace.root + "/jobs/t/h")
    }

    @Test func onlyTheNewestRunsThatAreGoneStayOnRecord() throws {
        let workspace = try WorkspaceFolder()
        let names = (0..<Self.kept + 10).map(run)
        for name in names {
            let started = "2026-11-22T\(name.dropFirst(9).prefix(2)):\(name.dropFirst(11).prefix(2)):00"
            let status = Written.status("done", Written.service("board"))
            try workspace.file(
                "experiments/e/\(name)/status.json",
                status.replacing("2026-11-22T12:48:41.173670", with: started + ".\(name.suffix(3))"))
        }
        try withInstance { xpmd in
            try xpmd.launch()
            try makeStartable(names[3], of: workspace, in: xpmd)
            #expect(try xpmd.watch(workspace) == names.count)
            // One with a process, and one that is a client's, stay whatever their age.
            try xpmd.start("e@\(names[3]):board")
            try xpmd.open("e", run: names[5], in: workspace.root)
            let tape = try EventTape(xpmd.socket, since: xpmd.status().lastEvent)
            try workspace.move("experiments/e", to: "experiment-that-was")
            try tape.await { $0.kind == .serviceRemoved }
            let old = names.prefix(10).filter { $0 != names[3] && $0 != names[5] }
            while tape.events.count(where: { $0.kind == .serviceRemoved }) < old.count { _ = try tape.next() }
            #expect(tape.events.filter { $0.kind == .serviceRemoved }.compactMap(\.run).sorted() == old)
            #expect(try xpmd.list().map(\.identity.run.run).sorted() == names.filter { !old.contains($0) })
            #expect(try xpmd.call(ListExperiments()).experiments.count == Self.kept + 2)

            // The one with a process is forgotten like others once that has ended, and others go.
            try xpmd.stop("e@\(names[3]):board")
            try workspace.file("experiments/f/\(names[0])/status.json", Written.status("done"))
            try tape.await { $0.kind == .experimentClosed && $0.experiment == "f" }
            try workspace.remove("experiments/f")
            try tape.await { $0.kind == .serviceRemoved && $0.run == names[3] }

            // It is so on record, too.
            let before = try xpmd.list()
            try xpmd.crash()
            try xpmd.launch()
            #expect(try xpmd.list() == before)
        }
    }

    /// experimaestro tells the parts of a composite in status.json alone, which may be written while it already runs here.
    @Test func partsThatAreToldLaterComeOnceTheProcessHasEnded() throws {
        let workspace = try WorkspaceFolder()
        let path = "experiments/e/\(run(0))"
        try workspace.file("\(path)/status.json", Written.status("running", events: 0))
        try workspace.link("experiments/e/current", to: run(0))
        try workspace.file(".events/experiments/e-0.jsonl", Written.event("board"))
        try withInstance { xpmd in
            try xpmd.launch()
            try makeStartable(run(0), of: workspace, in: xpmd)
            #expect(try xpmd.watch(workspace) == 1)
            try xpmd.start("board")
            try xpmd.crash()
            let parts = [("board", "A board"), ("wandb", "Sync")].map { id, text in
                #"{"service_id":"\#(id)","description":"\#(text)","state":"STOPPED","url":null}"#
            }
            let extra = #","subservices":[\#(parts.joined(separator: ","))]"#
            try workspace.file("\(path)/status.json", Written.status("done", Written.service("board", extra: extra)))
            try xpmd.launch()
            try xpmd.watch(workspace)
            #expect(try xpmd.list().map(\.identity.id) == ["board"])
            let tape = try EventTape(xpmd.socket, since: xpmd.status().lastEvent)
            try xpmd.stop("board")
            try tape.await { $0.kind == .serviceAdded && $0.id == "board/wandb" }
            #expect(try xpmd.list().map(\.identity.id) == ["board", "board/wandb"])
            #expect(try xpmd.service("e:board").subServices == ["board/wandb"])
        }
    }
}
