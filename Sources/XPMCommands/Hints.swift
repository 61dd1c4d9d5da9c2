import XPMClient
import XPMProtocol

/// What one can do about an error. Advice belongs here, not into the daemon's messages.
enum Hints {
    /// The verbs to which an error says something of its own.
    enum Verb { case remove, watch, unwatch }

    /// `typed` is the verb of the command line: what can be done depends on what its options are.
    static func hint(for error: WireError, of verb: Verb? = nil, typed: String = Caller.verb) -> String? {
        switch (verb, error.code) {
        case (.remove, .conflict):
            "it would be listed again; `xpmctl unwatch WORKSPACE` removes the services that were found there"
        case (.watch, .folderNotFound): general(WireError(.notAWorkspace, ""), typed, nil)
        case (.unwatch, .notFound): "`xpmctl workspaces` lists the watched ones"
        default: general(error, typed, error.typedName)
        }
    }

    /// `known` is the service as it is typed, nil where none is meant.
    private static func general(_ error: WireError, _ typed: String, _ known: String?) -> String? {
        let name = known ?? "NAME"
        return switch error.code {
        case .notFound where typed == "web": "`xpmctl web token list` lists the tokens"
        case .startFailed where error.data["web"] != nil, .timedOut where error.data["web"] != nil:
            "`xpmctl web --status` shows how it goes on, `xpmctl web --off` stops it"
        case .notFound where error.data["stray"] != nil: "`xpmctl strays` lists the strays"
        case .notFound where !Candidates(error).lines.isEmpty:
            "for that one, use `xpmctl \(Caller.verb) \(Candidates(error).typed ?? "")`"
        case .notFound where !NearestNames.named(by: error).isEmpty:
            "did you mean \(NearestNames.named(by: error).map { "`xpmctl \(Caller.verb) \(ShellWord.quoted($0))`" }.joined(separator: " or "))?"
        case .notFound where typed == "start": "`xpmctl list` lists services, `xpmctl templates` lists templates"
        case .notFound: "`xpmctl list` lists services"
        case .ambiguous where error.data["stray"] != nil: "use the pid; `xpmctl strays` shows it"
        case .ambiguous where Candidates(error).areToldApartByWorkspace:
            "choose its folder with --workspace, or `cd` into it"
        case .ambiguous: "use one of the full names above"
        case .conflict where error.data["stray"] != nil:
            "`xpmctl strays` shows its pid for `xpmctl strays adopt`, `stop` or `ignore`"
        case .conflict where error.data["web"] != nil: "`xpmctl web` starts it"
        case .conflict where error.data["changes"] != nil:
            "\(error.service?.url.map { "it is at \($0); " } ?? "")`\(Caller.command(with: "--update"))` restarts it with this definition"
        case .conflict where error.data["service"] != nil: "stop the service first: `xpmctl stop \(name)`"
        case .notStopped where typed == "stop" || typed == "wait":
            "it ends once the kernel lets go of its processes: look for a disk or network file system that does not answer"
        case .notStopped: "stop it first: `xpmctl stop \(name)`"
        case .invalidName where error.data["stray"] != nil: "choose a name with --name"
        case .notRunning: "`xpmctl start \(name)` starts it"
        case .tooManyRequests: "name fewer services at once, or try again when other programs wait for less"
        case .tooManyConnections:
            "`ss -xp` shows which programs have connections to xpmd's socket: end those that keep many, or let xpmd have more files open (LimitNOFILE= of its unit, or `ulimit -n` before it starts)"
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
        case .startFailed: "`xpmctl why \(name)` shows what happened"
        case .dependencyFailed where error.data["dependency"] != nil:
            "add that service to the same run, or remove the dependency"
        case .dependencyFailed: "`xpmctl why \(name)` shows what happened"
        case .commandNotFound, .commandNotExecutable: ProgramHint.text(error, typed, name)
        case .folderNotFound where error.data["current"] != nil:
            "`cd` into a folder that exists, and repeat the command"
        case .folderNotFound where typed == "add": "choose another folder with --folder"
        case .folderNotFound:
            // What is there and is no folder is somebody's file.
            error.data["fault"] == nil
                ? error.data["folder"]?.text.map { "create the folder again: `mkdir -p \(ShellWord.quoted($0))`" } : nil
        case .fileSystemUnresponsive:
            "check what is mounted there (`findmnt`), and repeat the command once it answers again"
        case .unsupported where error.data["path"] != nil:
            "to keep its output, add it again without --log null or a log file /dev/null"
        case .unsupported where error.data["older"] != nil: Self.upgrade
        case .unsupported where typed == "start" || typed == "restart":
            "the program that added this service can start it again"
        case .unsupported: nil
        case .hostGone: "run the program that added the service again: the service runs in its process"
        case .notAWorkspace: "give the folder that contains experimaestro's `experiments` and `jobs`"
        case .overtaken: "someone else uses it too; `xpmctl why \(name)` shows what was requested"
        case .timedOut where known == nil: nil
        case .timedOut where typed == "stop":
            "a timeout cancels nothing; `xpmctl wait \(name) --for ended` keeps waiting, `xpmctl stop --force \(name)` ends it now"
        case .timedOut where typed == "wait": "a timeout cancels nothing; the same command keeps waiting"
        case .timedOut: "a timeout cancels nothing; `xpmctl wait \(name)` keeps waiting"
        case .storageFull: "free space on the disk of xpmd's state folder"
        // The message says what is wrong with that file.
        case .storageFailed where error.data["path"] != nil: nil
        case .storageFailed where error.data["deleted_logs"] != nil:
            "the service is still there; without --logs it is removed and the files stay"
        case .storageFailed, .keeperUnavailable: "see `xpmctl daemon status` and xpmd's log"
        case .unreachable where error.data["owner"] != nil: Self.ownership(error.data)
        case .untrusted:
            "check XPMD_SOCKET, XPMD_RUNTIME_DIR and XDG_RUNTIME_DIR, which say where xpmd's socket is; unset the one that leads there"
        case .unreachable where error.data["pid"] != nil: silence(error.data)
        case .unreachable where error.data["serves"] != nil:
            "leave out --socket, or unset XPMD_SOCKET, to reach the xpmd that runs; another one needs an XPMD_STATE_DIR of its own"
        case .unreachable where error.isNobodyThere: "`xpmctl daemon start` starts it"
        case .invalidParameters where error.data["definition"] != nil:
            "put what is long into a file" + (typed == "add" ? "; --clean-env leaves out this shell's environment" : "")
        case .invalidParameters where error.data["again"] != nil:
            error.data["again"]?.text.map { "add it again with all its options: `\($0)`" }
        case .connectionLost, .shuttingDown: "`xpmctl daemon status` shows whether it is running again"
        case .versionMismatch, .unknownMethod: Self.upgrade
        case .limitExceeded where error.data["unit"] == "bytes" && Self.isOfACommand(error.data["parameter"]):
            "put long texts into a file, and give its path instead"
        case .unreachable, .limitExceeded, .parseError, .invalidRequest, .invalidParameters, .internalError,
            .frameTooLarge,
            .helloRequired, .helloTimeout, .conflict, .invalidCursor:
            nil
        }
    }

    private static let upgrade =
        "restart xpmd after an upgrade: `xpmctl daemon stop --keep-services`, then `xpmctl daemon start`"

    /// Whether a parameter is an argument or a variable of a program.
    private static func isOfACommand(_ parameter: JSONValue?) -> Bool {
        guard let parameter = parameter?.text else { return false }
        return parameter.hasSuffix("]") && (parameter.contains(".arguments[") || parameter.contains(".environment["))
    }

    /// What to do about an xpmd that lives and says nothing.
    private static func silence(_ data: [String: JSONValue]) -> String? {
        guard case .integer(let pid)? = data["pid"] else { return nil }
        return "if it is suspended (state T of `ps -o stat= \(pid)`), `kill -CONT \(pid)` resumes it"
    }

    /// How to get at what belongs to another user, as after a command that was run with sudo.
    private static func ownership(_ data: [String: JSONValue]) -> String? {
        guard case .string(let path)? = data["path"] else { return nil }
        guard Caller.user != 0 else { return "run it without sudo, or with `sudo -H` for root's own xpmd" }
        return "`sudo chown -R \(Caller.user) \(Name.quoted(path))` makes it yours again"
    }
}
