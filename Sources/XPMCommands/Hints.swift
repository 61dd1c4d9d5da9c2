import XPMProtocol

/// What one can do about an error. Advice belongs here, not into the daemon's messages.
enum Hints {
    /// The verbs to which an error says something of its own.
    enum Verb { case remove, watch, unwatch }

    static func hint(for error: WireError, of verb: Verb? = nil) -> String? {
        switch (verb, error.code) {
        case (.remove, .conflict):
            "it would be found again; `xpmctl unwatch WORKSPACE` forgets what was only found"
        case (.watch, .folderNotFound): general(WireError(.notAWorkspace, ""))
        case (.unwatch, .notFound): "`xpmctl workspaces` shows what is watched"
        default: general(error)
        }
    }

    /// What to do about a file that the kernel cannot run.
    private static func programHint(_ fault: JSONValue?) -> String {
        switch fault?.text {
        case "line_ends": "remove the Windows line ends: `sed -i 's/\\r$//' FILE`"
        case "interpreter": "install the interpreter, or correct the first line of the file"
        case "loader": "install the C library that it was built for, or a build for this system"
        case "architecture": "install a build for this machine"
        default: "begin a script with `#!/bin/sh`, or name its interpreter in front of it: `sh FILE`"
        }
    }

    private static func general(_ error: WireError) -> String? {
        switch error.code {
        case .notFound where error.data["stray"] != nil: "`xpmctl strays` shows the strays"
        case .notFound where !Candidates(error).lines.isEmpty:
            "`xpmctl \(Caller.verb) \(Candidates(error).typed ?? "")` means that one"
        case .notFound where !NearestNames.named(by: error).isEmpty:
            "did you mean \(NearestNames.named(by: error).map { "`xpmctl \(Caller.verb) \(ShellWord.quoted($0))`" }.joined(separator: " or "))?"
        case .notFound: "`xpmctl list` shows the services, `xpmctl templates` what can be started by name"
        case .ambiguous where error.data["stray"] != nil: "use the pid; `xpmctl strays` shows it"
        case .ambiguous where Candidates(error).areToldApartByWorkspace:
            "give the folder of the one that is meant with --workspace, or `cd` into it"
        case .ambiguous: "use one of the full names above"
        case .conflict where error.data["stray"] != nil:
            "`xpmctl strays` shows it; adopt, stop or ignore it with `xpmctl strays adopt`, `stop` or `ignore` and its pid"
        case .conflict where error.data["changes"] != nil:
            "\(error.service?.url.map { "it is at \($0); " } ?? "")`\(Caller.command(with: "--update"))` restarts it with this definition"
        case .conflict where error.data["service"] != nil: "stop the service first: `xpmctl stop NAME`"
        case .notStopped: "`xpmctl stop NAME` ends it; then it can be removed"
        case .invalidName where error.data["stray"] != nil: "choose one with --name"
        case .notRunning: "`xpmctl start NAME` starts it"
        case .invalidName: "a name may be [EXPERIMENT[@RUN]:]SERVICE[/SUB]"
        case .notNormalRun: "only runs of mode NORMAL have services"
        case .unknownTemplate where !NearestNames.named(by: error).isEmpty:
            "did you mean \(NearestNames.named(by: error).map { "`xpmctl \(Caller.verb) \(ShellWord.quoted($0))`" }.joined(separator: " or "))?"
        case .templateParameter where !NearestNames.named(by: error).isEmpty:
            "did you mean \(NearestNames.named(by: error).map { "--\($0)" }.joined(separator: " or "))?"
        case .unknownTemplate: "`xpmctl templates` shows the templates"
        case .invalidTemplate: "`xpmctl templates` names the file and its fault"
        case .templateParameter:
            "`xpmctl templates` shows the parameters; give them as --PARAMETER VALUE behind the name"
        case .dependencyCycle:
            "one of the services named above has to go without the next: see its --after and --requires"
        case .startFailed: "`xpmctl why NAME` tells what happened"
        case .dependencyFailed: "`xpmctl why` tells what happened to the service that it requires"
        case .commandNotFound where error.data["command"] == .string("python"):
            "`interpreter` in [python] of xpmd's config.toml names one for all services that have none"
        case .commandNotFound where Caller.verb == "start" || Caller.verb == "restart":
            "where the command is found, `xpmctl start NAME --update` gives the service that environment"
        case .commandNotFound: "the command is looked up in the PATH that the service was added with"
        case .commandNotExecutable where error.data["fault"] != nil: programHint(error.data["fault"])
        case .commandNotExecutable: "make the file executable, or name its interpreter in front of it"
        case .folderNotFound: "--folder says where a service runs"
        case .unsupported: "only the program that made this service can make it again"
        case .hostGone: "run the program again that added the service: it lives in that process"
        case .notAWorkspace: "give the folder that has experimaestro's `experiments` and `jobs` in it"
        case .overtaken: "somebody else uses it; `xpmctl why NAME` tells what was asked of it"
        case .timedOut: "nothing was undone; `xpmctl wait NAME` goes on waiting"
        case .storageFull: "make room on the disk of xpmd's state folder"
        case .storageFailed, .keeperUnavailable: "`xpmctl daemon status` shows more, as does xpmd's log"
        case .unreachable where error.data["owner"] != nil: Self.ownership(error.data)
        case .unreachable where error.data["errno"] != nil: "`xpmctl daemon start` starts it"
        case .connectionLost, .shuttingDown: "`xpmctl daemon status` shows whether it runs again"
        case .versionMismatch, .unknownMethod:
            "restart xpmd after an upgrade: `xpmctl daemon stop --keep-services`, then `xpmctl daemon start`"
        case .unreachable, .parseError, .invalidRequest, .invalidParameters, .internalError, .frameTooLarge,
            .helloRequired, .helloTimeout, .conflict:
            nil
        }
    }

    /// How to get at what belongs to another user, as after a command that was run with sudo.
    private static func ownership(_ data: [String: JSONValue]) -> String? {
        guard case .string(let path)? = data["path"] else { return nil }
        guard Caller.user != 0 else { return "run it without sudo, or with `sudo -H` for a daemon of root's own" }
        return "`sudo chown -R \(Caller.user) \(Name.quoted(path))` gives it back"
    }
}
