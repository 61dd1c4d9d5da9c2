import Testing
import XPMProtocol

/// Every text and list of a definition has a limit, and what is over it is named.
@Suite struct LimitTests {
    private static func text(_ count: Int) -> String { String(repeating: "x", count: count) }
    private static func command(_ change: (inout ServiceDefinition) -> Void) -> ServiceDefinition {
        var definition = ServiceDefinition(run: .command(["true"]))
        change(&definition)
        return definition
    }

    private func check(
        _ definition: ServiceDefinition, description: String? = nil, parts: [AddService.SubService]? = nil
    )
        throws
    {
        let run = RunIdentity(workspace: "/ws", experiment: "e", run: "r")
        try AddService(to: run, id: "a", description: description, definition: definition, subServices: parts)
            .checkLimits()
    }

    static let excessive: [(definition: ServiceDefinition, parameter: String, given: Int, limit: Int)] = [
        (ServiceDefinition(run: .command(["true", text(131_072)])), "run.arguments[1]", 131_072, 131_071),
        (
            ServiceDefinition(run: .command(Array(repeating: "x", count: 16_385))), "run.arguments", 16_385, 16_384
        ),
        (ServiceDefinition(run: .template(text(129), parameters: [:])), "run.template", 129, 128),
        (
            ServiceDefinition(run: .template("t", parameters: ["p": .string(text(131_072))])), "run.parameters['p']",
            131_072, 131_071
        ),
        (
            ServiceDefinition(run: .template("t", parameters: [:], arguments: [text(131_072)])), "run.arguments[0]",
            131_072, 131_071
        ),
        (ServiceDefinition(run: .recreate(Recreation(python: text(4096)))), "run.python", 4096, 4095),
        (ServiceDefinition(run: .recreate(Recreation(path: ["/a", text(4096)]))), "run.path[1]", 4096, 4095),
        (ServiceDefinition(run: .recreate(Recreation(main: text(4096)))), "run.main", 4096, 4095),
        (ServiceDefinition(run: .recreate(Recreation(argv: [text(131_072)]))), "run.argv[0]", 131_072, 131_071),
        (ServiceDefinition(run: .recreate(Recreation(part: text(129)))), "run.part", 129, 128),
        (command { $0.className = text(1025) }, "class", 1025, 1024),
        (command { $0.folder = text(4096) }, "folder", 4096, 4095),
        (command { $0.environment = ["A": text(131_070)] }, "environment['A']", 131_072, 131_071),
        (
            command { $0.environment = Dictionary(uniqueKeysWithValues: (0...16_384).map { ("v\($0)", "") }) },
            "environment", 16_385, 16_384
        ),
        (command { $0.url = text(4097) }, "url", 4097, 4096),
        (command { $0.readiness = Readiness(log: LogPattern(text(1025))) }, "readiness.log.pattern", 1025, 1024),
        (command { $0.readiness = Readiness(http: HTTPProbe(url: text(4097))) }, "readiness.http.url", 4097, 4096),
        (command { $0.readiness = Readiness(http: HTTPProbe(path: text(4097))) }, "readiness.http.path", 4097, 4096),
        (
            command { $0.readiness = Readiness(http: HTTPProbe(status: Array(repeating: 200, count: 501))) },
            "readiness.http.status", 501, 500
        ),
        (command { $0.readiness = Readiness(tcp: TCPProbe(host: text(256), port: 1)) }, "readiness.tcp.host", 256, 255),
        (command { $0.readiness = Readiness(unix: UnixProbe(path: text(4096))) }, "readiness.unix.path", 4096, 4095),
        (
            command { $0.readiness = Readiness(command: CommandProbe([text(131_072)])) },
            "readiness.command.arguments[0]", 131_072, 131_071
        ),
        (command { $0.health = HealthPolicy(http: HTTPProbe(url: text(4097))) }, "health.http.url", 4097, 4096),
        (
            command { $0.health = HealthPolicy(command: CommandProbe(Array(repeating: "", count: 16_385))) },
            "health.command.arguments", 16_385, 16_384
        ),
        (command { $0.stop = StopPolicy(signal: text(1025)) }, "stop.signal", 1025, 1024),
        (command { $0.stop = StopPolicy(command: [text(131_072)]) }, "stop.command[0]", 131_072, 131_071),
        (command { $0.onFailure = [text(131_072)] }, "on_failure[0]", 131_072, 131_071),
        (command { $0.successCodes = Array(repeating: 1, count: 501) }, "success_codes", 501, 500),
        (command { $0.after = Array(repeating: "a", count: 1001) }, "after", 1001, 1000),
        (command { $0.requires = ["a", text(1025)] }, "requires[1]", 1025, 1024),
        (command { $0.requiresCompleted = Array(repeating: "a", count: 1001) }, "requires_completed", 1001, 1000),
        (command { $0.wants = Array(repeating: "a", count: 1001) }, "wants", 1001, 1000),
        (command { $0.log = LogPolicy(stdout: text(4096)) }, "log.stdout", 4096, 4095),
        (command { $0.log = LogPolicy(stderr: text(4096)) }, "log.stderr", 4096, 4095),
        (command { $0.web = WebPolicy(host: text(256)) }, "web.host", 256, 255),
        (command { $0.web = WebPolicy(origin: text(4097)) }, "web.origin", 4097, 4096),
        (command { $0.web = WebPolicy(path: text(4097)) }, "web.path", 4097, 4096),
        (command { $0.web = WebPolicy(socket: text(4096)) }, "web.socket", 4096, 4095),
        (
            command { $0.web = WebPolicy(ports: Dictionary(uniqueKeysWithValues: (0...16).map { ("p\($0)", 0) })) },
            "web.ports", 17, 16
        ),
        (
            command { $0.web = WebPolicy(ports: [text(21): 0]) }, "web.ports['\(text(21))']", 21, 20
        ),
        (
            command {
                $0.idle = IdlePolicy(
                    afterSeconds: 1, probe: ActivityProbe(http: ActivityPage(path: text(4097), field: "")))
            },
            "idle.probe.http.path", 4097, 4096
        ),
        (
            command {
                $0.idle = IdlePolicy(
                    afterSeconds: 1, probe: ActivityProbe(http: ActivityPage(path: "", field: text(1025))))
            },
            "idle.probe.http.field", 1025, 1024
        ),
        (
            command { $0.idle = IdlePolicy(afterSeconds: 1, probe: ActivityProbe(command: [text(131_072)])) },
            "idle.probe.command[0]", 131_072, 131_071
        ),
        (command { $0.caller = CallerSettings(cpus: text(1025)) }, "caller.cpus", 1025, 1024),
        (
            command { $0.explicit = ExplicitParts(variables: [text(131_072)]) }, "explicit.variables[0]", 131_072,
            131_071
        ),
    ]

    /// By their number: a test tells its arguments, and these are long.
    @Test(arguments: excessive.indices)
    func whatIsOverALimitIsNamed(number: Int) throws {
        let (definition, parameter, given, limit) = Self.excessive[number]
        let sub = AddService.SubService(id: "b", definition: definition)
        for (place, check) in [
            ("definition.", { try self.check(definition) }),
            (
                "sub_services[0].definition.",
                { try self.check(ServiceDefinition(run: .composite), parts: [sub]) }
            ),
        ] as [(String, () throws -> Void)] {
            let error = #expect(throws: WireError.self) { try check() }
            #expect(error?.code == .limitExceeded)
            #expect(error?.data["parameter"] == .string(place + parameter))
            #expect(error?.data["given"] == .integer(Int64(given)))
            #expect(error?.data["limit"] == .integer(Int64(limit)))
            #expect(error?.message.contains("it has \(given) ") == true)
            #expect(error?.message.contains("and the limit is \(limit)") == true)
        }
    }

    @Test func descriptionIsLimitedByItsBytes() throws {
        let definition = ServiceDefinition(run: .command(["true"]))
        try check(definition, description: Self.text(4096))
        try check(definition, description: String(repeating: "é", count: 2048))
        for text in [
            Self.text(4097), String(repeating: "é", count: 2049), "e" + String(repeating: "\u{301}", count: 2048),
        ] {
            let error = #expect(throws: WireError.self) { try check(definition, description: text) }
            #expect(error?.code == .limitExceeded && error?.data["parameter"] == "description")
        }
        let parts = Array(repeating: AddService.SubService(id: "b", definition: definition), count: 1001)
        let error = #expect(throws: WireError.self) { try check(ServiceDefinition(run: .composite), parts: parts) }
        #expect(error?.data["parameter"] == "sub_services" && error?.data["unit"] == "entries")
        let folder = #expect(throws: WireError.self) { try WorkspacePath.normalized("/" + Self.text(4096)) }
        #expect(folder?.code == .limitExceeded)
    }
}
