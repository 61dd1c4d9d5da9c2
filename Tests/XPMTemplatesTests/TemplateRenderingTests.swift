import Testing
import XPMProtocol
import XPMTemplates

@Suite struct TemplateRenderingTests {
    let template: Template

    init() throws {
        template = try Template(name: "tensorboard", toml: Sample.tensorBoard, path: "/t/tensorboard.toml")
    }

    private func arguments(_ parameters: [String: JSONValue]) throws -> [String] {
        try template.render(id: "tb", parameters: parameters, folder: "/data/a b").arguments
    }

    @Test func everythingIsFilledIn() throws {
        let rendered = try template.render(
            id: "monitoring/tb", parameters: ["logdir": "runs", "reload_interval": 5, "reuse": true],
            folder: "/data/a b")
        #expect(
            rendered
                == RenderedTemplate(
                    arguments: [
                        "tensorboard", "--logdir", "/data/a b/runs", "--path_prefix", "/services/monitoring/tb",
                        "--note={runs}", "--reload_interval", "5", "--reuse_port",
                    ],
                    environment: ["PYTHONUNBUFFERED": "1", "TITLE": "runs of monitoring/tb"],
                    readiness: Readiness(
                        log: LogPattern(#"TensorBoard \S{2,9} at (?<url>http://\S+)"#, stream: .stderr),
                        http: HTTPProbe(status: [200, 301]), timeoutSeconds: 1.5),
                    stop: StopPolicy(signal: "SIGINT", graceSeconds: 20)))
    }

    @Test(arguments: [
        ("runs", "/data/a b/runs"), ("/runs", "/runs"), (".", "/data/a b"), ("./x//y/", "/data/a b/x/y"),
        ("../x", "/data/a b/../x"), ("~/x", "/data/a b/~/x"), ("$HOME; rm *", "/data/a b/$HOME; rm *"), ("/", "/"),
        ("{id}", "/data/a b/{id}"),
    ])
    func pathIsTakenFromTheFolderAndNothingInItIsExpanded(given: String, path: String) throws {
        #expect(try arguments(["logdir": .string(given)])[2] == path)
        #expect(try arguments(["logdir": ["__path__": .string(given)]])[2] == path)
    }

    @Test(
        arguments: [
            (["reload_interval": "5"], ["--reload_interval", "5"]),
            (["reload_interval": 0], ["--reload_interval", "0"]),
            (["reload_interval": "-7"], ["--reload_interval", "-7"]), (["reload_interval": .null], []),
            (["reuse": "true"], ["--reuse_port"]), (["reuse": true], ["--reuse_port"]), (["reuse": "false"], []),
            (["reuse": false], []), (["reuse": .null], []), ([:], []),
        ] as [([String: JSONValue], [String])])
    func optionalArgumentsComeOnlyWithTheirParameter(given: [String: JSONValue], extra: [String]) throws {
        #expect(try Array(arguments(given.merging(["logdir": "/x"]) { own, _ in own }).dropFirst(6)) == extra)
    }

    @Test func textIsOneArgumentWhateverItHolds() throws {
        let hostile = "a\" 'b' $(touch /tmp/x) `id` {logdir} }} \n -- é"
        #expect(try arguments(["logdir": "/x", "title": .string(hostile)])[5] == "--note={\(hostile)}")
    }

    @Test(
        arguments: [
            (
                ["logdr": "x"], "logdr",
                "cannot start template 'tensorboard' with the parameter 'logdr': it has logdir, reload_interval, reuse, title"
            ),
            (
                [:], "logdir",
                "cannot start template 'tensorboard' without its parameter 'logdir' (folder with the event files): give it as in 'xpmctl start tensorboard --logdir PATH'"
            ),
            (["logdir": .null], "logdir", "cannot start template 'tensorboard' without its parameter 'logdir'"),
            (["logdir": ""], "logdir", "cannot start template 'tensorboard' with this 'logdir': the path is empty"),
            (["logdir": "a\0b"], "logdir", "an argument cannot hold a NUL character"),
            (["logdir": ["__path__": "a\0b"]], "logdir", "an argument cannot hold a NUL character"),
            (["logdir": 5], "logdir", "an integer where a path is expected"),
            (["logdir": ["/x"]], "logdir", "an array where a path is expected"),
            (["logdir": ["path": "/x"]], "logdir", "an object where a path is expected"),
            (["logdir": "/x", "title": 5], "title", "an integer where a string is expected"),
            (["logdir": "/x", "reload_interval": "5s"], "reload_interval", "'5s' is not an integer"),
            (["logdir": "/x", "reload_interval": ""], "reload_interval", "'' is not an integer"),
            (["logdir": "/x", "reload_interval": "99999999999999999999"], "reload_interval", "is not an integer"),
            (["logdir": "/x", "reload_interval": 5.5], "reload_interval", "a number where an integer is expected"),
            (["logdir": "/x", "reuse": "yes"], "reuse", "'yes' is neither true nor false"),
            (["logdir": "/x", "reuse": 1], "reuse", "an integer where true or false is expected"),
        ] as [([String: JSONValue], String, String)])
    func unfitParametersAreRefusedByName(given: [String: JSONValue], parameter: String, says: String) {
        let error = #expect(throws: WireError.self) { try arguments(given) }
        #expect(error?.code == .templateParameter)
        #expect(error?.message.hasPrefix("cannot start template 'tensorboard' with") == true)
        #expect(error?.message.contains(says) == true, "\(error?.message ?? "")")
        #expect(error?.data == ["parameter": .string(parameter), "template": "tensorboard"])
    }

    @Test func probedPageMayNameParameters() throws {
        let toml = """
            command = ["marimo", "--port={port}"]
            [parameters.port]
            type = "integer"
            default = 2718
            [readiness.http]
            url = "http://127.0.0.1:{port}/services/{id}"
            """
        let rendered = try Template(name: "m", toml: toml, path: "/m.toml")
            .render(id: "m", parameters: ["port": "4000"], folder: "/")
        #expect(rendered.arguments == ["marimo", "--port=4000"])
        #expect(rendered.readiness == Readiness(http: HTTPProbe(url: "http://127.0.0.1:4000/services/m")))
    }

    @Test func templateWithoutParametersSaysSo() throws {
        let plain = try Template(name: "p", toml: Sample.plain, path: "/p.toml")
        let error = #expect(throws: WireError.self) { try plain.render(id: "p", parameters: ["x": 1], folder: "/") }
        #expect(error?.message == "cannot start template 'p' with the parameter 'x': it has none")
    }
}
