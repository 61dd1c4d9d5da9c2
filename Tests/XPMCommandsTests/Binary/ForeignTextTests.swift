import ScriptedDaemon
import Testing
import XPMProtocol

@testable import XPMCommands

/// Names and texts of others, wherever they may be.
struct ForeignTextTests {
    /// Commands of terminals in their long and short forms, ends of lines, and letters that turn the direction of writing.
    private static let evil = "a\u{1b}]0;x\u{7}b\u{9b}2Jc\u{0}d\ne\rf\u{7f}g\u{202e}h\u{2028}i\u{85}j\u{e0001}k"

    private static let run = RunIdentity(workspace: "/\(evil)", experiment: evil, run: evil)

    private static func service(_ state: ServiceState) -> ServiceRecord {
        Samples.service(evil, state, run: run) {
            ($0.description, $0.className, $0.template, $0.subServices) = (evil, evil, evil, [evil])
            ($0.url, $0.error, $0.waitingFor, $0.status, $0.notes) = (evil, evil, evil, evil, [evil])
            ($0.stdout, $0.stderr, $0.pid) = (evil, evil, 7)
            $0.exit = ExitReport(signal: evil, at: Samples.moment)
            $0.health = HealthReport(failures: 1, error: evil, at: Samples.moment)
            $0.interpreter = InterpreterReport(python: evil, from: .job)
        }
    }

    private static let events: [EventRecord] = [EventRecord.Kind.serviceAdded, .serviceChanged, .workspaceWatched]
        .enumerated()
        .map { place, kind in
            var event = EventRecord(sequence: Int64(place + 1), at: Samples.moment, kind: kind)
            (event.workspace, event.experiment, event.run) = (run.workspace, run.experiment, run.run)
            if kind != .workspaceWatched { event.id = evil }
            (event.cause, event.error, event.url) = (evil, evil + evil, evil)
            event.exit = ExitReport(signal: evil + evil, at: Samples.moment)
            return event
        }

    /// Everything is answered, with `state` for the state of the service.
    private static func answer(_ call: ScriptedDaemon.Call, _ state: ServiceState) -> [ScriptedDaemon.Action] {
        let template = TemplateRecord(
            name: evil, description: evil, path: evil,
            parameters: [
                .init(name: evil, kind: .string, description: evil, required: false, fallback: .string(evil))
            ])
        var faulty = template
        faulty.fault = evil
        var workspace = WorkspaceRecord(workspace: evil, watchedSince: Samples.moment)
        (workspace.state, workspace.error) = (.missing, evil)
        let runs: [Run] = [
            .command([evil]), .template(evil, parameters: [evil: .string(evil)]), .composite, .hosted, .composite,
        ]
        let definition = ServiceDefinition(
            run: runs[ServiceState.allCases.firstIndex(of: state) ?? 0], folder: evil)
        switch call.method {
        case "service.list": return [.reply(ListServices.Reply(services: [service(state), service(state)]))]
        case "experiment.list": return [.reply(ListExperiments.Reply(experiments: [Samples.experiment(run)]))]
        case "experiment.open": return [.reply(Samples.experiment(run))]
        case "service.get": return [.reply(GetService.Reply(service: service(state), definition: definition))]
        case "service.add": return [.reply(AddService.Reply(service: service(state), added: true))]
        case "service.wait" where state == .error:
            let record = (try? Wire.encode(service(state))).flatMap { try? Wire.decode(JSONValue.self, from: $0) }
            return [.refuse(WireError(.startFailed, "cannot start \(evil)", data: ["service": record ?? .null]))]
        case "service.logs": return [.reply(ServiceLogs.Piece(text: "line\n", next: 1, path: evil))]
        case "template.list": return [.reply(ListTemplates.Reply(templates: [template, faulty]))]
        case "workspace.list": return [.reply(ListWorkspaces.Reply(workspaces: [workspace]))]
        case "workspace.watch": return [.reply(WatchWorkspace.Reply(workspace: workspace, added: true))]
        case "workspace.unwatch": return [.reply(workspace)]
        case "events.list": return [.refuse(WireError(.unknownMethod, "cannot"))]
        case "events.subscribe": return [.reply(SubscribeEvents.Reply(last: 3))] + events.map { .event($0) }
        case "daemon.status":
            return [
                .reply(
                    DaemonStatus.Reply(
                        version: evil, pid: 1, keeperPid: nil, startedAt: Samples.moment, instance: evil, socket: evil,
                        stateFolder: evil, services: [:], lastEvent: 3, connections: 1, storageFault: evil))
            ]
        default: return [.reply(service(state))]
        }
    }

    private static func areSafe(_ texts: String...) -> Bool {
        texts.allSatisfy { text in !text.unicodeScalars.contains { $0 != "\n" && ForeignText.isControl($0) } }
    }

    @Test(arguments: ServiceState.allCases) func noVerbPrintsACommandOfATerminal(state: ServiceState) async throws {
        try await Xpmctl.with({ Self.answer($0, state) }) { (xpmctl: Xpmctl) async throws in
            for words in [
                "list --all", "status x", "url x", "why x", "events", "templates", "workspaces", "watch .", "unwatch .",
                "start x", "start x --no-wait", "stop x --no-wait", "restart x", "remove x", "wait x", "add x -- true",
                "daemon status",
            ] {
                for output in [[], ["--output", "json"]] {
                    let arguments = words.split(separator: " ").map(String.init)
                    let place = arguments.firstIndex(of: "--") ?? arguments.endIndex
                    let result = try await xpmctl.begin(arguments[..<place] + output + arguments[place...]).end()
                    #expect(Self.areSafe(result.out, result.err), "\(words) \(output)")
                    #expect(result.code == 64 || result.out.contains("a") || result.err.contains("a"))
                }
            }
        }
    }

    @Test(arguments: ErrorCode.allCases) func noRefusalDoes(code: ErrorCode) async throws {
        let candidates: [JSONValue] = [
            .string(Self.evil), ["name": .string(Self.evil), "workspace": .string(Self.evil)],
            ["id": .string(Self.evil)],
        ]
        let error = WireError(code, "cannot \(Self.evil)", data: ["candidates": .array(candidates)])
        try await Xpmctl.with({ _ in [.refuse(error)] }) { (xpmctl: Xpmctl) async throws in
            for verb in ["status", "start", "remove", "watch", "unwatch"] {
                let result = try await xpmctl.run(verb, "x")
                #expect(Self.areSafe(result.out, result.err), "\(verb)")
                #expect(result.err.contains("cannot a\\u{1b}]0;x\\u{7}b\\u{9b}2J"))
            }
        }
    }

    @Test func jsonIsTheSameValueInEscapes() async throws {
        try await Xpmctl.with({ Self.answer($0, .running) }) { (xpmctl: Xpmctl) async throws in
            let result = try await xpmctl.run("status", "x", "--output", "json")
            #expect(try Wire.decode(ServiceRecord.self, from: result.out.utf8) == Self.service(.running))
            #expect(result.out.contains(#"b\u009b2Jc\u0000d\ne\rf\u007fg\u202eh\u2028i\u0085j\udb40\udc01k"#))
        }
    }

    @Test(arguments: [ServiceState.stopped, .error]) func hintsMayBePastedIntoAShell(state: ServiceState) async throws {
        let service = Samples.service("x$(touch pwned)", state)
        try await Xpmctl.with({ call in
            switch call.method {
            case "service.get":
                [.reply(GetService.Reply(service: service, definition: ServiceDefinition(run: .command(["x"]))))]
            case "service.wait": [.refuse(WireError(.startFailed, "cannot start it"))]
            case "service.logs": [.refuse(WireError(.notFound, "cannot find its log"))]
            default: Self.answer(call, state)
            }
        }) { (xpmctl: Xpmctl) async throws in
            for verb in ["url", "why", "start"] {
                let result = try await xpmctl.run(verb, "e:x")
                let hint = try #require((result.out + result.err).split(separator: "\n").last)
                #expect(hint.hasPrefix("hint: ") && hint.contains(" 'my_experiment@20261122_101500:x$(touch pwned)'`"))
            }
        }
    }
}
