import Testing
import XPMProtocol
import XPMTemplates

@Suite struct TemplateReadingTests {
    @Test func wholeTemplateIsRead() throws {
        let template = try Template(name: "tensorboard", toml: Sample.tensorBoard, path: "/t/tensorboard.toml")
        #expect(
            template.record
                == TemplateRecord(
                    name: "tensorboard", description: "TensorBoard: scalars, graphs and more of training runs",
                    path: "/t/tensorboard.toml",
                    parameters: [
                        .init(
                            name: "logdir", kind: .path, description: "folder with the event files", required: true),
                        .init(name: "reload_interval", kind: .integer, description: "", required: false),
                        .init(name: "reuse", kind: .boolean, description: "", required: false, fallback: false),
                        .init(name: "title", kind: .string, description: "", required: false, fallback: "runs"),
                    ]))
    }

    @Test func commandIsAllThatATemplateNeeds() throws {
        let template = try Template(name: "t", toml: #"command = ["true"]"#, path: "/t.toml")
        #expect(template.record == TemplateRecord(name: "t", description: "", path: "/t.toml", parameters: []))
        let rendered = try template.render(id: "t", parameters: [:], folder: "/f")
        #expect(rendered == RenderedTemplate(arguments: ["true"]))
    }

    /// A faulty file, the key that is blamed, and a part of the cause.
    static let faulty: [(toml: String, says: String)] = [
        ("", "command: it is missing"),
        ("command = []", "command: it names no program"),
        (#"command = ["", "x"]"#, "command: it names no program"),
        (#"command = "tensorboard --logdir x""#, "command: a string where an array of strings is expected"),
        (#"command = ["a", 1]"#, "command: an array where an array of strings is expected"),
        (#"comand = ["a"]"#, "comand: unknown key; known keys: description, command, parameters"),
        ("command = [\"a\"\n", "it is not TOML: line "),
        ("command = [\"a\"]\n\0", "it has a NUL character"),
        (#"command = ["a"]"# + "\ndescription = 2026-11-22", "description: a date or time where a string is expected"),
        (#"command = ["{logdir}"]"#, "command: '{logdir}' may have no value here"),
        (#"command = ["a{"]"#, "command: 'a{' has a '{' that starts no parameter"),
        (#"command = ["a}"]"#, "command: 'a}' has a '}' that ends no parameter"),
        (#"command = ["{}"]"#, "command: '{}' has a '{' that starts no parameter"),
        (#"command = ["{{{a b}}}"]"#, "has a '{' that starts no parameter"),
        (Sample.minimal + "[parameters.x]\ntype = 'path'", "command: '{x}' may have no value here"),
        (
            Sample.plain + "[parameters.x]\ntype = 'folder'",
            "parameters.x.type: 'folder' is not one of string, path, integer, boolean"
        ),
        (Sample.plain + "[parameters.x]\nrequird = true", "parameters.x.requird: unknown key"),
        (
            Sample.plain + "[parameters.x]\nrequired = 1",
            "parameters.x.required: an integer where true or false is expected"
        ),
        (
            Sample.plain + "[parameters.x]\nrequired = true\ndefault = 'a'",
            "parameters.x.default: a required parameter cannot have a default"
        ),
        (
            Sample.plain + "[parameters.x]\ntype = 'integer'\ndefault = '5'",
            "parameters.x.default: a string is not a value for a parameter of type integer"
        ),
        (
            Sample.plain + "[parameters.x]\ntype = 'path'\ndefault = ''",
            "parameters.x.default: a string is not a value for a parameter of type path"
        ),
        (Sample.plain + "[parameters.id]\ntype = 'string'", "parameters.id: the name is reserved for the service's id"),
        (Sample.plain + "[parameters.'a b']\ntype = 'string'", "parameters.a b: the name may have letters"),
        (Sample.plain + "parameters = 3", "parameters: an integer where a table is expected"),
        (Sample.plain + "[parameters]\nx = 'path'", "parameters.x: a string where a table is expected"),
        (Sample.plain + "[environment]\nA = 1", "environment.A: an integer where a string is expected"),
        (
            Sample.plain + "[environment]\n'A=B' = '1'",
            "environment.A=B: this is not a valid name for an environment variable"
        ),
        (Sample.plain + "[environment]\nA = '{b}'", "environment.A: '{b}' may have no value here"),
        (
            Sample.plain + "[readiness]\ntimeout = 5",
            "readiness.timeout: unknown key; known keys: timeout_s, log, http"
        ),
        (Sample.plain + "[readiness]\ntimeout_s = 0", "readiness.timeout_s: it must be more than 0 seconds"),
        (Sample.plain + "[readiness]\ntimeout_s = inf", "readiness.timeout_s: it must be more than 0 seconds"),
        (Sample.plain + "[readiness]\ntimeout_s = '5'", "readiness.timeout_s: a string where a number is expected"),
        (Sample.plain + "[readiness.log]\nstream = 'stderr'", "readiness.log.pattern: it is missing or empty"),
        (
            Sample.plain + "[readiness.log]\npattern = '(unclosed'",
            "readiness.log.pattern: it is not a regular expression"
        ),
        (
            Sample.plain + "[readiness.log]\npattern = 'x'\nstream = 'log'",
            "readiness.log.stream: 'log' is not one of stdout, stderr, both"
        ),
        (
            Sample.plain + "[readiness.http]",
            "readiness.http: it has no url, and there is no readiness.log to capture one"
        ),
        (
            Sample.plain + "[readiness.http]\nurl = 'http://h/{place}'",
            "readiness.http.url: '{place}' may have no value here"
        ),
        (
            Sample.plain + "[readiness.http]\nurl = 'http://h/'\nstatus = [20]",
            "readiness.http.status: it must list status codes from 100 to 599"
        ),
        (
            Sample.plain + "[readiness.http]\nurl = 'http://h/'\nstatus = 200",
            "readiness.http.status: an integer where an array of integers is expected"
        ),
        (Sample.plain + "[stop]\nsignal = 'CONT'", "stop.signal: 'CONT' does not stop a service: use one of SIGABRT,"),
        (Sample.plain + "[stop]\nsignal = 17", "stop.signal: '17' does not stop a service: use one of SIGABRT,"),
        (Sample.plain + "[stop]\nsignal = true", "where the name or number of a signal is expected"),
        (Sample.plain + "[stop]\ngrace_s = -1", "stop.grace_s: it must be 0 seconds or more"),
        (Sample.plain + "[optional]\nwhen = 'x'", "optional: a table where an array of tables is expected"),
        (Sample.plain + "[[optional]]\narguments = ['x']", "optional[0].when: it is missing"),
        (Sample.plain + "[[optional]]\nwhen = 'x'\narguments = ['x']", "optional[0].when: there is no parameter 'x'"),
        (Sample.plain + "[[optional]]\nwhen = 'x'\n[parameters.x]\n", "optional[0].arguments: it is missing or empty"),
        (
            Sample.plain + "[[optional]]\nwhen = 'x'\narguments = ['{y}']\n[parameters.x]\n[parameters.y]\n",
            "optional[0].arguments: '{y}' may have no value here"
        ),
    ]

    @Test(arguments: faulty)
    func faultyTemplateNamesFileKeyAndCause(toml: String, says: String) {
        let error = #expect(throws: WireError.self) { try Template(name: "t", toml: toml, path: "/x/t.toml") }
        #expect(error?.code == .invalidTemplate)
        #expect(error?.message.hasPrefix("cannot use template 't' (/x/t.toml): ") == true)
        #expect(error?.message.contains(says) == true, "\(error?.message ?? "")")
        #expect(error?.data == ["path": "/x/t.toml", "template": "t"])
    }

    @Test func nameIsCheckedLikeEveryOther() {
        let error = #expect(throws: WireError.self) { try Template(name: "a/b", toml: Sample.plain, path: "/x") }
        #expect(error?.code == .invalidName)
    }
}

/// Texts of templates.
enum Sample {
    static let plain = "command = ['a']\n"
    static let minimal = "command = ['a', '{x}']\n"
    static let tensorBoard = #"""
        description = "TensorBoard: scalars, graphs and more of training runs"
        command = ["tensorboard", "--logdir", "{logdir}", "--path_prefix", "/services/{id}", "--note={{{title}}}"]
        [parameters.title]
        default = "runs"
        [parameters.logdir]
        type = "path"
        required = true
        description = "folder with the event files"
        [parameters.reload_interval]
        type = "integer"
        [parameters.reuse]
        type = "boolean"
        default = false
        [environment]
        PYTHONUNBUFFERED = "1"
        TITLE = "{title} of {id}"
        [readiness]
        timeout_s = 1.5
        [readiness.log]
        pattern = 'TensorBoard \S{2,9} at (?<url>http://\S+)'
        stream = "stderr"
        [readiness.http]
        status = [200, 301]
        [stop]
        signal = "SIGINT"
        grace_s = 20
        [[optional]]
        when = "reload_interval"
        arguments = ["--reload_interval", "{reload_interval}"]
        [[optional]]
        when = "reuse"
        arguments = ["--reuse_port"]
        """#
}
