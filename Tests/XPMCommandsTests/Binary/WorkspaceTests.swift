import Glibc
import ScriptedDaemon
import Synchronization
import Testing
import XPMProtocol

/// Workspaces that are named by a symbolic link.
struct WorkspaceTests {
    /// A service in each of these workspaces, named after its place.
    private static func list(_ workspaces: [String], _ call: ScriptedDaemon.Call) -> [ScriptedDaemon.Action] {
        let services = workspaces.enumerated().map { place, workspace in
            Samples.service(
                "service\(place)", run: RunIdentity(workspace: workspace, experiment: "e\(place)", run: "r"))
        }
        switch call.method {
        case "service.list": return [.reply(ListServices.Reply(services: services))]
        case "experiment.list":
            return [.reply(ListExperiments.Reply(experiments: services.map { Samples.experiment($0.identity.run) }))]
        case "workspace.watch":
            let record = WorkspaceRecord(workspace: "/ws", watchedSince: Samples.moment)
            return [.reply(WatchWorkspace.Reply(workspace: record, added: true))]
        case "workspace.unwatch": return [.reply(WorkspaceRecord(workspace: "/ws", watchedSince: Samples.moment))]
        default: return [.refuse(WireError(.unknownMethod, "cannot do \(call.method)"))]
        }
    }

    /// `link` in the project's folder leads to the folder `disk/real`; both have a service.
    private func withLink(_ body: (Xpmctl, _ real: String) async throws -> Void) async throws {
        let places = Places()
        try await Xpmctl.with({ Self.list(places.all.withLock { $0 }, $0) }) { (xpmctl: Xpmctl) async throws in
            xpmctl.scratch.makeFolder("disk/real")
            let real = xpmctl.scratch("disk/real")
            try #require(symlink(real, "\(xpmctl.folder)/link") == 0)
            places.all.withLock { $0 = [real, "\(xpmctl.folder)/link", "/elsewhere"] }
            try await body(xpmctl, real)
        }
    }

    private final class Places: Sendable { let all = Mutex<[String]>([]) }

    @Test(arguments: ["link", "./link/", "../project/link"])
    func listShowsTheServicesBehindALinkAndThoseOfIt(link: String) async throws {
        try await withLink { xpmctl, _ in
            let result = try await xpmctl.run("list", "--workspace", link, "--output", "json")
            let services = try Wire.decode([ServiceRecord].self, from: result.out.utf8)
            #expect(services.map(\.identity.id) == ["service0", "service1"])
        }
    }

    @Test func whatComesAfterALinkIsTakenFromItsTarget() async throws {
        try await withLink { xpmctl, _ in
            let result = try await xpmctl.run("list", "--workspace", "link/../real", "--output", "json")
            let services = try Wire.decode([ServiceRecord].self, from: result.out.utf8)
            #expect(services.map(\.identity.id) == ["service0"])
        }
    }

    @Test func everyVerbMeansTheRealFolder() async throws {
        try await withLink { xpmctl, real in
            _ = try await xpmctl.run("watch", "--no-wait", "link")
            _ = try await xpmctl.run("unwatch", "link")
            _ = try await xpmctl.run("add", "page", "--workspace", "link", "--", "true")
            let calls = xpmctl.daemon.calls
            #expect(calls.map(\.method) == ["workspace.watch", "workspace.unwatch", "experiment.open"])
            // xpmd goes there: its file system may not answer, and one that is not there any more can still be unwatched.
            #expect(try calls[0].parameters(WatchWorkspace.self).workspace == "\(xpmctl.folder)/link")
            #expect(try calls[1].parameters(UnwatchWorkspace.self).workspace == "\(xpmctl.folder)/link")
            // As for one who has gone into it.
            let opened = OpenExperiment(workspace: real, experiment: "real", run: "default")
            #expect(try calls[2].parameters(OpenExperiment.self) == opened)
        }
    }

    @Test func aFolderThatIsNotThereIsMadeAbsolute() async throws {
        try await withLink { xpmctl, _ in
            _ = try await xpmctl.run("unwatch", "gone/./x/..")
            #expect(
                try xpmctl.daemon.calls.last?.parameters(UnwatchWorkspace.self).workspace == "\(xpmctl.folder)/gone")
        }
    }

    /// What a refusal of each verb advises.
    @Test(arguments: [
        ("remove", ErrorCode.conflict, "`xpmctl unwatch WORKSPACE`"), ("unwatch", .notFound, "`xpmctl workspaces`"),
        ("watch", .folderNotFound, "`experiments` and `jobs`"), ("watch", .notAWorkspace, "`experiments` and `jobs`"),
        ("status", .notFound, "`xpmctl list`"),
    ])
    func hintsAreOfTheVerb(verb: String, code: ErrorCode, hint: String) async throws {
        try await Xpmctl.with({ _ in [.refuse(WireError(code, "cannot do it"))] }) { (xpmctl: Xpmctl) async throws in
            let result = try await xpmctl.run(verb, "that")
            let lines = result.err.split(separator: "\n")
            // A folder that is missing is no start that has failed.
            let missing = verb == "watch" && code == .folderNotFound
            #expect(result.code == (missing ? ErrorCode.notFound : code).exitCode && lines.count == 2)
            #expect(lines.last?.hasPrefix("hint: ") == true && lines.last?.contains(hint) == true)
        }
    }
}
