import ScriptedDaemon
import XPMProtocol

/// A daemon's answers for tests of completion.
enum CompletedNames {
    /// Names that a shell would run, or make others of.
    static let mischief = ["x$(touch pwned)", "x`touch pwned`", "x'$(touch pwned)'", "x;touch pwned", "x{a,b}"]
    /// Names that need quotes.
    static let quoted = ["a b", "it's", "say \"hi\" now", "back\\slash", "wow!"]

    /// Services of two experiments, one of them with names of mischief, and templates.
    static func script(_ call: ScriptedDaemon.Call) -> [ScriptedDaemon.Action] {
        let other = RunIdentity(workspace: "/ws", experiment: "other", run: "20261122_111500")
        switch call.method {
        case "service.list":
            let services =
                [Samples.service("board"), Samples.service("board", run: other), Samples.service("größe", .running)]
                + (mischief + quoted).map { Samples.service($0) }
            return [.reply(ListServices.Reply(services: services))]
        case "experiment.list":
            return [.reply(ListExperiments.Reply(experiments: [Samples.experiment(), Samples.experiment(other)]))]
        case "template.list":
            let parameters: [TemplateRecord.Parameter] = [
                .init(name: "folder", kind: .path, description: "", required: true),
                .init(name: "x$(touch pwned)", kind: .string, description: "", required: false),
            ]
            return [
                .reply(
                    ListTemplates.Reply(templates: [
                        TemplateRecord(name: "pages", description: "", path: "/t/pages.toml", parameters: parameters),
                        TemplateRecord(name: "p$(touch pwned)", description: "", path: "/t/p.toml", parameters: []),
                    ]))
            ]
        case "stray.list":
            var stray = StrayRecord(stray: 1)
            stray.pid = 4711
            return [.reply(ListStrays.Reply(strays: [stray]))]
        case "workspace.list":
            let workspace = WorkspaceRecord(workspace: "/home/ada/my work", watchedSince: Samples.moment)
            return [.reply(ListWorkspaces.Reply(workspaces: [workspace]))]
        default: return [.refuse(WireError(.unknownMethod, "cannot do \(call.method)"))]
        }
    }
}
