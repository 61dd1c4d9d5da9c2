import Testing
import XPMProtocol

@testable import XPMTemplates

/// Faults of templates are told in the words of TOML, with the key.
struct TemplateWordsTests {
    private func fault(_ toml: String) -> String {
        do {
            _ = try Template(name: "t", toml: "command = ['x']\n" + toml, path: "/t.toml")
            return ""
        } catch {
            return error.message
        }
    }

    @Test(arguments: [
        ("description = 5", "description: an integer where a string is expected"),
        ("success_codes = ['a']", "success_codes.0: a string where a whole number is expected"),
        ("success_codes = 1", "success_codes: a number where an array is expected"),
        ("watchdog_s = 'soon'", "watchdog_s: a string where a number is expected"),
        ("restart = 'always'", "restart: a string where a table is expected"),
        ("[restart]\npolicy = 'sometimes'", "restart.policy: 'sometimes' is not one of never, on-failure, always"),
        ("[restart]\nlimit = 1.5", "restart.limit: a number where a whole number is expected"),
        ("[restart]\nlimit = true", "restart.limit: a boolean where a whole number is expected"),
        ("[restart]\nafter_reboot = 'yes'", "restart.after_reboot: a string where true or false is expected"),
        ("[restart]\ndelay = 1", "restart.delay: unknown key"),
        ("[log]\nto = 'syslog'", "log.to: 'syslog' is not one of files, direct, journal, null"),
        ("[log]\nmax_age_s = '1d'", "log.max_age_s: a string where a number is expected"),
        ("tty = 'yes'", "tty: a string where true or false is expected"),
        ("[tty]\ncolumns = 80.5", "tty.columns: a number where a whole number is expected"),
        ("[tty]\ncolums = 80", "tty.colums: unknown key"),
        ("[health]\naction = 1", "health.action: a number where a string is expected"),
        ("[health]\nhttp = '/x'", "health.http: a string where a table is expected"),
        ("[readiness]\ntcp = 80", "readiness.tcp: a number where a table is expected"),
        ("[readiness.tcp]\nport = '80'", "readiness.tcp.port: a string where a whole number is expected"),
        ("[readiness]\nnotify = 1", "readiness.notify: a number where true or false is expected"),
        ("[limits]\nmemory_bytes = '4G'", "limits.memory_bytes: a string where a whole number is expected"),
        ("[stop]\ncommand = 'x'", "stop.command: a string where an array is expected"),
        ("[lifetime]\nafter_experiment = 'x'", "lifetime.after_experiment: 'x' is not one of keep, stop"),
        ("[parameters.a]\ntype = 'integer'\ndefault = 'x'", "parameters.a.default: a string"),
        ("[web]\nprefix = 'cut'", "web.prefix: 'cut' is not one of keep, strip, none"),
        ("[web]\nprefx = 'keep'", "web.prefx: unknown key"),
        ("[web]\npath = 'lab'", "web.path: it begins with one '/'"),
        ("[web.ports]\nApi = 1", "web.ports.Api: the name of a port has"),
        ("[web.ports]\napi = 'x'", "web.ports.api: a string where an integer is expected"),
        ("[web.ports]\napi = 65536", "web.ports.api: a port is 1 to 65535"),
        ("[environment]\nA = '{port:api}'", "environment.A: '{port:api}' may have no value here"),
        ("[idle]\nafter_s = '30m'", "idle.after_s: a string where a number is expected"),
        ("[idle.probe]\nhtml = 1", "idle"),
    ])
    func aWrongTypeIsToldInWordsOfTOML(toml: String, said: String) {
        let message = fault(toml)
        #expect(message.contains("(/t.toml): ") && message.contains(said), "\(message)")
        for word in [
            "Int", "String", "Double", "Bool", "Optional", "JSONValue", "DecodingError", "Dictionary", "Codable",
        ] {
            #expect(!message.contains(word), "\(message)")
        }
    }

    @Test(arguments: ["a = ", "[x", "a = 'b", "a = 1\na = 2", "a = 99999999999999999999", "a b"])
    func whatIsNoTOMLIsToldWithItsLine(toml: String) {
        let message = fault(toml)
        #expect(message.contains("line ") && !message.contains("Error") && !message.contains("TOMLKit"), "\(message)")
    }
}
