import Glibc
import Testing
import WorkspaceFixture
import XPMProtocol

/// Workspaces where the kernel gives xpmd less than it wants: xpmd runs in a user namespace with limits of its own.
@Suite(.enabled(if: UserNamespace.isAllowed, "the machine lets nobody make user namespaces"))
struct WorkspaceLimitTests {
    private static let run = "20261122_124841"

    private func write(_ workspace: WorkspaceFolder, _ experiment: String, _ service: String) throws {
        try workspace.file(
            "experiments/\(experiment)/\(Self.run)/status.json", Written.status("done", Written.service(service)))
    }

    /// Of instances the keeper and the logs have one each.
    @Test(arguments: [("max_inotify_watches", 6), ("max_inotify_instances", 2)])
    func withoutMoreOfInotifyItIsReadAgainAndSaysSo(_ name: String, _ count: Int) throws {
        let workspace = try WorkspaceFolder()
        for number in 0..<8 { try write(workspace, "e\(number)", "board") }
        try withInstance { xpmd in
            try xpmd.limit(name, to: count)
            try xpmd.launch()
            #expect(try xpmd.watch(workspace) == 8)
            let record = try #require(try xpmd.call(ListWorkspaces()).workspaces.first)
            #expect(record.state == .polling)
            let limit = name.replacing("max_inotify_", with: "fs.inotify.max_user_")
            #expect(record.error?.contains(limit) == true)
            #expect(text(of: xpmd.scratch.path + "/xpmd.log").contains(limit))
            // Where it has no watch, in an experiment that was the last one, and in a new one.
            let tape = try EventTape(xpmd.socket, since: xpmd.status().lastEvent)
            try workspace.file(
                "experiments/e7/20261123_124841/status.json", Written.status("done", Written.service("next")))
            try tape.await { $0.kind == .serviceAdded && $0.id == "next" }
            try write(workspace, "new", "late")
            try tape.await { $0.kind == .serviceAdded && $0.id == "late" }
        }
    }

    /// Root of such a namespace has no power over files of users that are not in it.
    @Test(.enabled(if: geteuid() == 0, "only root can give folders away"))
    func whatCannotBeReadIsNotGone() throws {
        let workspace = try WorkspaceFolder()
        for name in ["e", "f"] { try write(workspace, name, "board") }
        let folders = [workspace.root + "/experiments/e", "\(workspace.root)/experiments/f/\(Self.run)"]
        func give(to user: uid_t) { for folder in folders { #expect(chown(folder, user, user) == 0) } }
        for folder in folders { #expect(chmod(folder, 0o700) == 0) }
        try withInstance { xpmd in
            try xpmd.limit("max_inotify_watches", to: 100)
            try xpmd.launch()
            #expect(try xpmd.watch(workspace) == 2)
            try xpmd.crash()
            give(to: 65_432)
            defer { give(to: 0) }
            try xpmd.launch()
            try xpmd.watch(workspace)
            #expect(try xpmd.list().map(\.isGone) == [false, false])
            #expect(try xpmd.call(ListWorkspaces()).workspaces.first?.error?.contains("cannot read") == true)
            // It is looked at again until it can be read.
            let tape = try EventTape(xpmd.socket, since: xpmd.status().lastEvent)
            for name in ["e", "f"] { try write(workspace, name, "later-\(name)") }
            give(to: 0)
            try tape.await { $0.kind == .serviceAdded && $0.id == "later-e" }
            if !tape.events.contains(where: { $0.id == "later-f" }) { try tape.await { $0.id == "later-f" } }
        }
    }
}
