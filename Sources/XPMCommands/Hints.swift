import XPMProtocol

/// What one can do about an error. Advice belongs here, not into the daemon's messages.
enum Hints {
    /// The verbs to which an error says something of its own.
    enum Verb { case remove, watch, unwatch }

    static func hint(for error: WireError, of verb: Verb? = nil) -> String? {
        switch (verb, error.code) {
        case (.remove, .conflict):
            "it would be found again; `xpmctl unwatch WORKSPACE` removes what was found there"
        case (.watch, .folderNotFound): general(WireError(.notAWorkspace, ""))
        case (.unwatch, .notFound): "`xpmctl workspaces` lists the watched ones"
        default: general(error)
        }
    }

    /// What to do about a file that the kernel cannot run.
    private static func programHint(_ fault: JSONValue?) -> String {
        switch fault?.text {
        case "line_ends": "remove the Windows line ends: `sed -i 's/\\r$//' FILE`"
        case "interpreter": "install the interpreter, or change the first line of the file"
        case "loader": "install the C library it was built for, or a build for this system"
        case "architecture": "install a build for this machine"
        default: "begin a script with `#!/bin/sh`, or run it with its interpreter: `sh FILE`"
        }
    }

    private static func general(_ error: WireError) -> String? {
        switch error.code {
        case .notFound where error.data["stray"] != nil: "`xpmctl strays` lists the strays"
        case .notFound where !Candidates(error).lines.isEmpty:
            "for that one, use `xpmctl \(Caller.verb) \(Candidates(error).typed ?? "")`"
        case .notFound where !NearestNames.named(by: error).isEmpty:
            "did you mean \(NearestNames.named(by: error).map { "`xpmctl \(Caller.verb) \(ShellWord.quoted($0))`" }.joined(separator: " or "))?"
        case .notFound: "`xpmctl list` lists services, `xpmctl templates` lists templates"
        case .ambiguous where error.data["stray"] != nil: "use the pid; `xpmctl strays` shows it"
        case .ambiguous where Candidates(error).areToldApartByWorkspace:
            "choose its folder with --workspace, or `cd` into it"
        case .ambiguous: "use one of the full names above"
        case .conflict where error.data["stray"] != nil:
            "`xpmctl strays` shows it; then use `xpmctl strays adopt`, `stop` or `ignore` with its pid"
        case .conflict where error.data["changes"] != nil:
            "\(error.service?.url.map { "it is at \($0); " } ?? "")`\(Caller.command(with: "--update"))` restarts it with this definition"
        case .conflict where error.data["service"] != nil: "stop the service first: `xpmctl stop NAME`"
        case .notStopped: "stop it first: `xpmctl stop NAME`"
        case .invalidName where error.data["stray"] != nil: "choose a name with --name"
        case .notRunning: "`xpmctl start NAME` starts it"
        case .invalidName: "a name is [EXPERIMENT[@RUN]:]SERVICE[/SUB]"
        case .notNormalRun: "only runs of mode NORMAL have services"
        case .unknownTemplate where !NearestNames.named(by: error).isEmpty:
            "did you mean \(NearestNames.named(by: error).map { "`xpmctl \(Caller.verb) \(ShellWord.quoted($0))`" }.joined(separator: " or "))?"
        case .templateParameter where !NearestNames.named(by: error).isEmpty:
            "did you mean \(NearestNames.named(by: error).map { "--\($0)" }.joined(separator: " or "))?"
        case .unknownTemplate: "`xpmctl templates` lists the templates"
        case .invalidTemplate: "`xpmctl templates` shows the file and what is wrong with it"
        case .templateParameter:
            "`xpmctl templates` lists the parameters; give them as --PARAMETER VALUE after the name"
        case .dependencyCycle:
            "remove one of these dependencies: see --requires and --after of the services named above"
        case .startFailed: "`xpmctl why NAME` shows what happened"
        case .dependencyFailed: "`xpmctl why` of the service it depends on shows what happened"
        case .commandNotFound where error.data["command"] == .string("python"):
            "set `interpreter` in [python] of xpmd's config.toml, for all services without one of their own"
        case .commandNotFound where Caller.verb == "start" || Caller.verb == "restart":
            "run `xpmctl start NAME --update` in a shell that finds the command"
        case .commandNotFound: "the command is looked up in the PATH of the shell that added the service"
        case .commandNotExecutable where error.data["fault"] != nil: programHint(error.data["fault"])
        case .commandNotExecutable: "make it executable with `chmod +x`, or run it with its interpreter: `sh FILE`"
        case .folderNotFound: "set the folder with --folder"
        case .unsupported: "only the program that added this service can start it again"
        case .hostGone: "run the program that added the service again: the service lives in its process"
        case .notAWorkspace: "give the folder that contains experimaestro's `experiments` and `jobs`"
        case .overtaken: "somebody else uses it too; `xpmctl why NAME` shows what was asked of it"
        case .timedOut: "nothing was undone; `xpmctl wait NAME` waits again"
        case .storageFull: "free space on the disk of xpmd's state folder"
        case .storageFailed, .keeperUnavailable: "see `xpmctl daemon status` and xpmd's log"
        case .unreachable where error.data["owner"] != nil: Self.ownership(error.data)
        case .unreachable where error.data["errno"] != nil: "`xpmctl daemon start` starts it"
        case .connectionLost, .shuttingDown: "`xpmctl daemon status` shows whether it is running again"
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
        guard Caller.user != 0 else { return "run it without sudo, or with `sudo -H` for root's own xpmd" }
        return "`sudo chown -R \(Caller.user) \(Name.quoted(path))` gives it back"
    }
}
