import Glibc
import Testing
import XPMProtocol

/// A service's settings as it is run, whoever has decided them.
struct EffectiveDefinitionTests {
    private func effective(_ xpmd: Instance, _ id: String) throws -> GetService.Reply {
        try xpmd.call(GetService(ServiceReference(parsing: id), effective: true))
    }

    private func write(_ xpmd: Instance, restartLimit: Int) throws {
        xpmd.scratch.folder("config/templates")
        try xpmd.scratch.file(
            "config/templates/board.toml",
            """
            command = ["/bin/sh", "-c", "exec sleep 1000", "{logdir}", "{port}", "{secret_token}"]
            [parameters.logdir]
            type = "path"
            required = true
            [parameters.secret_token]
            required = true
            [environment]
            BOARD_PORT = "{port}"
            [restart]
            policy = "on-failure"
            limit = \(restartLimit)
            [stop]
            signal = "SIGINT"
            """)
    }

    @Test func whatATemplateGivesIsShownAsItIsRun() throws {
        try withInstance { xpmd in
            try write(xpmd, restartLimit: 7)
            let started = try xpmd.ctl(
                "start", "board", "--logdir", "runs", "--param", "secret_token=hush-hush-hush", environment: ["A": "b"])
            try #require(started.code == 0, "\(started)")
            let record = try xpmd.service("board")
            let port = try #require(record.port)
            #expect(try xpmd.call(GetService(ServiceReference(id: "board"))).effective == nil)
            let reply = try effective(xpmd, "board")
            let whole = try #require(reply.effective)
            #expect(
                whole.run
                    == .command([
                        "/bin/sh", "-c", "exec sleep 1000", xpmd.workspace + "/runs", "\(port)", "hush-hush-hush",
                    ]))
            #expect(whole.folder == xpmd.workspace && whole.port == port && reply.effectiveFault == nil)
            // Just what the process has been given, but for what is another with each attempt, and what the shell adds.
            let pid = try #require(record.pid)
            let environment = Set(
                text(of: "/proc/\(pid)/environ").split(separator: "\0").map(String.init).filter {
                    !$0.hasPrefix("XPM_ATTEMPT=") && !$0.hasPrefix("XPM_RESTARTS=") && !$0.hasPrefix("PWD=")
                })
            let shown = Set(try #require(whole.environment).map { "\($0)=\($1)" })
            #expect(shown == environment, "\(shown.symmetricDifference(environment))")
            #expect(whole.restart?.mode == .onFailure && whole.restart?.limit == 7)
            #expect(whole.restart?.delaySeconds == RestartPolicy.defaultDelaySeconds)
            #expect(whole.stop == StopPolicy(signal: "SIGINT", graceSeconds: StopPolicy.defaultGraceSeconds))

            // A template that is edited counts from the next start.
            try write(xpmd, restartLimit: 9)
            #expect(try effective(xpmd, "board").effective?.restart?.limit == 7)
            let page = try xpmd.ctl("inspect", "board")
            #expect(page.code == 0 && !page.output.contains("hush-hush"), "\(page.output)")
            let lines = Set(page.output.split(separator: "\n").map { $0.split(separator: " ").joined(separator: " ") })
            #expect(
                lines.isSuperset(of: [
                    "restart.limit 7 (template board)", "restart.delay_s 1 (default)", "environment.A b",
                    "environment.BOARD_PORT \(port) (template board)", "stop.signal SIGINT (template board)",
                    "command /bin/sh -c 'exec sleep 1000' \(xpmd.workspace)/runs \(port) '***'",
                ]), "\(page.output)")
            #expect(try xpmd.ctl("inspect", "board", "--show-env").output.contains("hush-hush-hush"))
            let json = try xpmd.ctl("inspect", "board", "-o", "json").output
            #expect(json.contains("\"effective\"") && !json.contains("hush-hush"))
            try xpmd.stop("board")
            #expect(try effective(xpmd, "board").effective?.restart?.limit == 9)
            #expect(try effective(xpmd, "board").effective?.port == port)
            unlink(xpmd.scratch.path + "/config/templates/board.toml")
            let broken = try effective(xpmd, "board")
            #expect(broken.effective == nil && broken.effectiveFault?.contains("board") == true, "\(broken)")
            #expect(try xpmd.ctl("inspect", "board").output.contains("it could not be started now: "))
        }
    }

    @Test func defaultsAndTheProgramsFileAreDecided() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let run = try xpmd.open("lab")
            try xpmd.add("plain", ["sleep", "1000"], to: run)
            let whole = try #require(try effective(xpmd, "plain").effective)
            guard case .command(let words) = whole.run else { return #expect(Bool(false), "\(whole.run)") }
            #expect(words.first?.hasSuffix("/sleep") == true && words.dropFirst() == ["1000"])
            #expect(whole.folder == xpmd.workspace && whole.environment?["XPM_SERVICE"] == "lab@r1:plain")
            #expect(
                whole.restart?.mode == .never && whole.log?.target == .files && whole.lifetime?.afterExperiment == .keep
            )
            try xpmd.add("gone", ["no-such-command"], to: run)
            let reply = try effective(xpmd, "gone")
            #expect(reply.effective != nil && reply.effectiveFault?.contains("no-such-command") == true)
        }
    }
}
