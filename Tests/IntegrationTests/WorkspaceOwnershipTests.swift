import Glibc
import Testing
import WorkspaceFixture
import XPMProtocol

/// Whose a service is that was found in a workspace, and what becomes of it with the workspace.
struct WorkspaceOwnershipTests {
    private static let run = "20261122_124841"
    private static let path = "experiments/e/\(run)"

    private func identity(_ workspace: WorkspaceFolder) -> RunIdentity {
        RunIdentity(workspace: workspace.root, experiment: "e", run: Self.run)
    }

    @Test func whatAClientAddsIsTheClients() throws {
        let workspace = try WorkspaceFolder()
        try workspace.file(
            "\(Self.path)/status.json", Written.status("done", Written.service("board"), Written.service("lab")))
        try withInstance { xpmd in
            try xpmd.launch()
            try xpmd.watch(workspace)
            try xpmd.open("e", run: Self.run, in: workspace.root)
            try xpmd.add("board", ["sleep", "1000"], to: identity(workspace))
            let tape = try EventTape(xpmd.socket)
            try workspace.file(
                "\(Self.path)/.new",
                Written.status("done", Written.service("board", state: #"{"x":1}"#), Written.service("next")))
            // A past run is looked at again when everything is.
            try workspace.move("\(Self.path)/.new", to: "\(Self.path)/status.json")
            try xpmd.crash()
            try xpmd.launch()
            try EventTape(xpmd.socket, since: tape.events.last?.sequence ?? 0).await { $0.id == "next" }
            let board = try xpmd.call(GetService(ServiceReference(parsing: "board")))
            #expect(board.definition.run == .command(["sleep", "1000"]))
            #expect(try xpmd.call(ListExperiments()).experiments.map(\.isWatched) == [false])

            #expect(try xpmd.ctl("unwatch", workspace.root).code == 0)
            #expect(try xpmd.list().map(\.identity.id) == ["board"])
            #expect(try xpmd.call(ListExperiments()).experiments.count == 1)
        }
    }

    @Test func unwatchForgetsWhatWasOnlyFound() throws {
        let workspace = try WorkspaceFolder()
        try workspace.file("\(Self.path)/status.json", Written.status("done", Written.service("board")))
        try withInstance { xpmd in
            try xpmd.launch()
            try xpmd.watch(workspace)
            let tape = try EventTape(xpmd.socket, since: xpmd.status().lastEvent)
            let outcome = try xpmd.ctl("unwatch", workspace.root)
            #expect(outcome.code == 0 && outcome.errors.contains("no longer watched"))
            try tape.await { $0.kind == .workspaceUnwatched }
            #expect(tape.events.map(\.kind) == [.serviceRemoved, .workspaceUnwatched])
            #expect(try xpmd.list().isEmpty)
            #expect(try xpmd.call(ListExperiments()).experiments.isEmpty)
            #expect(try xpmd.ctl("unwatch", workspace.root).code == ErrorCode.notFound.exitCode)
            try xpmd.crash()
            try xpmd.launch()
            #expect(try xpmd.call(ListWorkspaces()).workspaces.isEmpty)
            #expect(try xpmd.list().isEmpty)
        }
    }

    @Test func sameNamesInTwoWorkspacesNeverMeet() throws {
        let (first, second) = (try WorkspaceFolder(), try WorkspaceFolder())
        for workspace in [first, second] {
            for experiment in ["e", "e-b"] {
                try workspace.file(
                    "experiments/\(experiment)/\(Self.run)/status.json",
                    Written.status(
                        "done", Written.service("board", state: #"{"of":"\#(experiment)\#(workspace.root)"}"#)))
            }
        }
        try withInstance { xpmd in
            try xpmd.launch()
            #expect(try xpmd.watch(first) == 2)
            #expect(try xpmd.watch(second) == 2)
            for service in try xpmd.list() {
                let found = try xpmd.call(GetService(ServiceReference(service.identity)))
                let run = service.identity.run
                #expect(found.definition.stateDict == ["of": .string(run.experiment + run.workspace)])
            }
            #expect(try xpmd.ctl("status", "e:board").code == ErrorCode.ambiguous.exitCode)
            #expect(try xpmd.ctl("unwatch", first.root).code == 0)
            #expect(try xpmd.list().map(\.identity.run.workspace) == [second.root, second.root])
        }
    }

    @Test func compositeIsItselfOrItsParts() throws {
        let workspace = try WorkspaceFolder()
        let part = #"{"service_id":"wandb","description":"Sync","state":"STOPPED","url":null}"#
        let own = #"{"service_id":"board","description":"","state":"STOPPED","url":null}"#
        try workspace.file(
            "\(Self.path)/status.json",
            Written.status(
                "done", Written.service("board", extra: #","subservices":[\#(own),\#(part)]"#),
                Written.service("monitoring", extra: #","subservices":[\#(part)]"#)))
        try withInstance { xpmd in
            try xpmd.launch()
            #expect(try xpmd.watch(workspace) == 4)
            func definition(_ id: String) throws -> ServiceDefinition {
                try xpmd.call(GetService(ServiceReference(parsing: "e:\(id)"))).definition
            }
            #expect(try definition("board").run == .recreate(Recreation()))
            #expect(try definition("board/wandb").run == .recreate(Recreation(part: "wandb")))
            #expect(try definition("monitoring").run == .composite)
            #expect(try definition("monitoring/wandb").className == "m.Board")
            #expect(try xpmd.service("e:board").subServices == ["board/wandb"])
        }
    }

    @Test func folderThatIsNoWorkspaceIsRefused() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            #expect(try xpmd.ctl("watch", xpmd.scratch.folder("plain")).code == ErrorCode.notAWorkspace.exitCode)
            #expect(try xpmd.ctl("watch", "nowhere").code == ErrorCode.notFound.exitCode)
            #expect(try xpmd.ctl("workspaces").errors == "no watched workspaces\n")
        }
    }

    @Test func workspaceIsTheSameByAnyLink() throws {
        let workspace = try WorkspaceFolder()
        try workspace.file("\(Self.path)/status.json", Written.status("done", Written.service("board")))
        try withInstance { xpmd in
            try xpmd.launch()
            let link = "\(xpmd.scratch.path)/link"
            #expect(symlink(workspace.root, link) == 0)
            let reply = try xpmd.call(WatchWorkspace(workspace: link))
            #expect(reply.added && reply.workspace.workspace == workspace.root)
            #expect(try xpmd.call(WatchWorkspace(workspace: workspace.root + "/")).added == false)
            #expect(try xpmd.call(UnwatchWorkspace(workspace: link)).workspace == workspace.root)
        }
    }

    @Test func missingWorkspaceIsFoundAgain() throws {
        let workspace = try WorkspaceFolder()
        try workspace.file("\(Self.path)/status.json", Written.status("done", Written.service("board")))
        try withInstance { xpmd in
            try xpmd.launch()
            try xpmd.watch(workspace)
            let tape = try EventTape(xpmd.socket)
            #expect(rename(workspace.root, workspace.root + "-away") == 0)
            while try xpmd.call(ListWorkspaces()).workspaces.first?.state != .missing {}
            #expect(try xpmd.list().map(\.isGone) == [false])
            #expect(rename(workspace.root + "-away", workspace.root) == 0)
            try workspace.file(
                "experiments/e/20261122_124842/status.json", Written.status("done", Written.service("back")))
            try tape.await { $0.id == "back" }
            while try xpmd.call(ListWorkspaces()).workspaces.first?.state != .watching {}
        }
    }

    @Test func hostileFilesHarmNothing() throws {
        let workspace = try WorkspaceFolder()
        try workspace.file("experiments/a:b/\(Self.run)/status.json", Written.status("done", Written.service("x")))
        try workspace.file("experiments/e/..\u{202E}/status.json", Written.status("done"))
        try workspace.file(
            "\(Self.path)/status.json",
            Written.status("done", Written.service("a/b"), Written.service("\u{7}"), Written.service("fine")))
        try workspace.folder("experiments/e/20261122_000000")
        #expect(mkfifo("\(workspace.root)/experiments/e/20261122_000000/status.json", 0o600) == 0)
        try workspace.file("experiments/e/20261122_000001/status.json", String(repeating: "[", count: 100_000))
        try workspace.file("experiments/e/20261122_000002/status.json", "\u{0}\u{FEFF}{}")
        try workspace.folder("experiments/e/20261122_000003")
        #expect(truncate(try workspace.file("experiments/e/20261122_000003/status.json", ""), 100 << 20) == 0)
        try workspace.link("experiments/e/current", to: "/etc")
        try workspace.link("experiments/loop", to: "loop")
        try withInstance { xpmd in
            try xpmd.launch()
            #expect(try xpmd.watch(workspace) == 1)
            let record = try #require(try xpmd.call(ListWorkspaces()).workspaces.first)
            #expect(record.runs == 5)
            #expect(record.error?.contains("more") == true)
            #expect(try xpmd.ctl("list", "--all").output.contains("fine"))
        }
    }
}
