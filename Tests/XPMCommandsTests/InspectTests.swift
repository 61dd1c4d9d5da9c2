import ScriptedDaemon
import Testing
import XPMProtocol

@testable import XPMCommands

struct InspectTests {
    @Test(arguments: [
        ("HF_TOKEN", true), ("WANDB_API_KEY", true), ("db-password", true), ("githubToken", true), ("PATH", false),
        ("PWD", false), ("tokenizer", false), ("KEYBOARD", false), ("AUTHOR", false),
    ])
    func secretsAreKnownByTheirNames(name: String, isHidden: Bool) { #expect(SecretMask.hides(name) == isHidden) }

    @Test func whatIsBelowASecretsNameIsHiddenAndPasswordsInURLs() {
        let value: JSONValue = [
            "environment": ["HF_TOKEN": "hf_x", "DATABASE": "postgres://me:word@host/db", "EMPTY_TOKEN": ""],
            "list": [["token": ["a", "b"], "http": "http://localhost:6006/@x"]],
        ]
        #expect(
            SecretMask.masked(value) == [
                "environment": ["HF_TOKEN": "***", "DATABASE": "postgres://me:***@host/db", "EMPTY_TOKEN": ""],
                "list": [["token": "***", "http": "http://localhost:6006/@x"]],
            ])
    }

    @Test func aSecretIsHiddenWhereverItIsRepeated() {
        let value: JSONValue = [
            "parameters": ["hub_token": "hf_abcdefgh"], "auth": "/run/agent",
            "arguments": ["--key=word", "-x=1", "board", "hf_abcdefgh", "at hf_abcdefgh:1", "/run/agent"],
            "url": "http://127.0.0.1:1/lab?theme=dark&token=abc#x",
        ]
        #expect(
            SecretMask.masked(value) == [
                "parameters": ["hub_token": "***"], "auth": "***",
                "arguments": ["--key=***", "-x=1", "board", "***", "at ***:1", "/run/agent"],
                "url": "http://127.0.0.1:1/lab?theme=dark&token=***#x",
            ])
    }

    @Test func definitionIsALineForEachSettingWithDefaults() throws {
        let definition = ServiceDefinition(
            run: .command(["sh", "-c", "sleep 1"]), folder: "/ws", environment: ["A": "b"],
            restart: RestartPolicy(.onFailure, delaySeconds: 2), caller: CallerSettings(umask: 0o22))
        let reply = GetService.Reply(service: Samples.service(), definition: definition)
        let text = DefinitionPage.text(reply, try Wire.decode(JSONValue.self, from: Wire.encode(definition)))
        let lines = Set(text.split(separator: "\n").map { $0.split(separator: " ").joined(separator: " ") })
        #expect(
            lines.isSuperset(of: [
                "service my_experiment@20261122_101500:tensorboard", "workspace /ws", "environment.A b", "folder /ws",
                "run.arguments sh -c 'sleep 1'", "restart.policy on-failure", "restart.delay_s 2",
                "restart.limit 5 (default)", "stop.grace_s 10 (default)", "stop.signal SIGTERM (default)",
                "log.to files (default)",
            ]), "\(text)")
        #expect(!text.contains("health"))
        let places = ["run.kind", "folder", "stop.signal", "environment.A", "caller.umask"].map {
            text.firstRange(of: "\n\($0) ")?.lowerBound
        }
        #expect(!places.contains(nil) && places.compactMap(\.self) == places.compactMap(\.self).sorted(), "\(text)")
        #expect(lines.contains("caller.umask 022"))
    }

    @Test func terminalIsShownWithItsSizeAndWhatItBrings() throws {
        let definition = ServiceDefinition(
            run: .template("tune", parameters: [:]), environment: ["A": "b"], log: LogPolicy(maximumAgeSeconds: 3600),
            tty: .on)
        var effective = definition
        effective.run = .command(["/bin/tune"])
        effective.environment = ["A": "b", "TERM": TerminalPolicy.name, "MODE": "x"]
        effective.tty = .sized(columns: 120, rows: 40)
        effective.log = LogPolicy(.files, maximumBytes: 64 << 20, maximumAgeSeconds: 3600, keep: 4)
        var reply = GetService.Reply(service: Samples.service(), definition: definition)
        reply.effective = effective
        let text = DefinitionPage.text(
            reply, try Wire.decode(JSONValue.self, from: Wire.encode(definition)),
            effective: try Wire.decode(JSONValue.self, from: Wire.encode(effective)))
        let lines = Set(text.split(separator: "\n").map { $0.split(separator: " ").joined(separator: " ") })
        #expect(
            lines.isSuperset(of: [
                "tty.columns 120 (default)", "tty.rows 40 (default)", "environment.TERM xterm-256color (default)",
                "environment.MODE x (template tune)", "log.max_age_s 3600", "log.keep 4 (default)",
            ]), "\(text)")
        let plain = ServiceDefinition(run: .command(["true"]))
        let page = DefinitionPage.text(
            GetService.Reply(service: Samples.service(), definition: plain),
            try Wire.decode(JSONValue.self, from: Wire.encode(plain)))
        let shown = Set(page.split(separator: "\n").map { $0.split(separator: " ").joined(separator: " ") })
        #expect(shown.isSuperset(of: ["tty false (default)", "log.max_age_s 0 (default)"]), "\(page)")
    }

    @Test func inspectHidesSecretsUnlessAsked() async throws {
        let definition = ServiceDefinition(run: .command(["sleep", "1"]), environment: ["HF_TOKEN": "hf_x"])
        try await Xpmctl.with({ _ in
            [.reply(GetService.Reply(service: Samples.service(), definition: definition))]
        }) { (xpmctl: Xpmctl) async throws in
            for output in ["table", "json"] {
                let hidden = try await xpmctl.run("inspect", "tensorboard", "-o", output)
                #expect(hidden.code == 0 && hidden.out.contains("***") && !hidden.out.contains("hf_x"), "\(hidden)")
                #expect(try await xpmctl.run("inspect", "tensorboard", "-o", output, "--show-env").out.contains("hf_x"))
            }
        }
    }
}
