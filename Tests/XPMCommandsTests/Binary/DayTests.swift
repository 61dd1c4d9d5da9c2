import ScriptedDaemon
import Synchronization
import Testing
import XPMProtocol

@testable import XPMClient

/// What people type all day: filters, patterns, names that are nearly right, times.
struct DayTests {
    private func with(_ body: (Xpmctl) async throws -> Void) async throws {
        try await Xpmctl.with({ Self.script($0, "/nowhere") }, body)
    }

    private static let other = RunIdentity(workspace: "/elsewhere", experiment: "other", run: "20261122_111500")

    /// Services of a workspace `folder`, and one of another.
    private static func services(_ folder: String) -> [ServiceRecord] {
        let run = RunIdentity(workspace: folder, experiment: "lab", run: "20261122_101500")
        return [
            Samples.service("tensorboard", .running, run: run), Samples.service("tensor2", .error, run: run),
            Samples.service("web", .stopped, run: run), Samples.service("tensorx", .running, run: other),
        ]
    }

    private static func script(_ call: ScriptedDaemon.Call, _ folder: String) -> [ScriptedDaemon.Action] {
        let services = services(folder)
        switch call.method {
        case "service.list": return [.reply(ListServices.Reply(services: services))]
        case "experiment.list":
            return [
                .reply(
                    ListExperiments.Reply(experiments: [
                        Samples.experiment(services[0].identity.run), Samples.experiment(other),
                    ]))
            ]
        case "service.stop", "service.wait":
            let id = (try? call.parameters(StopService.self).service.id) ?? "?"
            guard var service = services.first(where: { $0.identity.id == id }) else { break }
            service.state = .stopped
            return [.reply(service)]
        case "service.get":
            let name = (try? call.parameters(GetService.self).service.description) ?? "?"
            if let service = services.first(where: { $0.identity.id == name }) {
                let definition = ServiceDefinition(run: .command(["sleep", "1"]))
                return [.reply(GetService.Reply(service: service, definition: definition))]
            }
            return [.refuse(WireError(.notFound, "cannot find a service '\(name)'", data: ["name": .string(name)]))]
        default: break
        }
        return [.refuse(WireError(.unknownMethod, "cannot do \(call.method)"))]
    }

    private func stopped(_ xpmctl: Xpmctl) throws -> [String] {
        try xpmctl.daemon.calls.filter { $0.method == "service.stop" }.map {
            try $0.parameters(StopService.self).service.id
        }
    }

    @Test func listShowsWhatRunsOrHasFailed() async throws {
        try await with { (xpmctl: Xpmctl) async throws in
            func names(_ options: String...) async throws -> [String] {
                try await xpmctl.begin(["list"] + options).end().out.split(separator: "\n").dropFirst().map {
                    String($0.prefix { $0 != " " })
                }
            }
            let failed = try await names("--failed")
            #expect(failed == ["lab:tensor2"])
            let running = try await names("--running")
            #expect(Set(running) == ["lab:tensorboard", "other:tensorx"])
            let both = try await names("--running", "--failed")
            #expect(both.count == 3)
        }
    }

    @Test func aPatternMeansAllThatMatchInThatFolder() async throws {
        try await with { (xpmctl: Xpmctl) async throws in
            let result = try await xpmctl.run("stop", "tensor*", "--workspace", "/nowhere", "--no-wait")
            #expect(result.code == 0, "\(result)")
            #expect(try stopped(xpmctl) == ["tensorboard", "tensor2"])
        }
        try await with { (xpmctl: Xpmctl) async throws in
            #expect(try await xpmctl.run("stop", "other:*", "--no-wait").code == 0)
            #expect(try stopped(xpmctl) == ["tensorx"])
        }
        try await with { (xpmctl: Xpmctl) async throws in
            let result = try await xpmctl.run("stop", "*:tensor*", "--no-wait")
            #expect(result.code == 0 && result.err.contains("matches 3 services in 2 folders"), "\(result)")
        }
    }

    @Test func aPatternThatMatchesNothingIsAnError() async throws {
        try await with { (xpmctl: Xpmctl) async throws in
            let result = try await xpmctl.run("stop", "x*", "other:*", "--no-wait")
            #expect(result.code == 3 && result.err.contains("cannot find a service that matches 'x*'"), "\(result)")
            #expect(try stopped(xpmctl) == ["tensorx"])
        }
    }

    @Test func stopAllMeansThisFolder() async throws {
        try await with { (xpmctl: Xpmctl) async throws in
            let none = try await xpmctl.run("stop", "--all")
            #expect(none.code == 0 && none.err.contains("nothing to stop"), "\(none)")
            #expect(try stopped(xpmctl) == [])
            #expect(try await xpmctl.run("stop", "--all", "--workspace", "/nowhere", "--no-wait").code == 0)
            #expect(try stopped(xpmctl) == ["tensorboard", "tensor2"])
            #expect(try await xpmctl.run("stop", "--all", "web").code == 64)
            #expect(try await xpmctl.run("stop").code == 64)
        }
    }

    @Test(arguments: ["status", "why", "url", "logs"])
    func aNameThatIsNearlyRightIsSuggested(verb: String) async throws {
        try await with { (xpmctl: Xpmctl) async throws in
            let result = try await xpmctl.run(verb, "other:tensory")
            #expect(result.code == 3)
            #expect(result.err.contains("hint: did you mean `xpmctl \(verb) other:tensorx`?"), "\(result)")
        }
    }

    @Test func urlPrintsJSON() async throws {
        try await Xpmctl.with({ call in
            let service = Samples.service("web", .running) { $0.url = "http://localhost:1/" }
            let definition = ServiceDefinition(run: .command(["sleep", "1"]))
            return switch call.method {
            case "service.get": [.reply(GetService.Reply(service: service, definition: definition))]
            default: [.refuse(WireError(.unknownMethod, "cannot do \(call.method)"))]
            }
        }) { (xpmctl: Xpmctl) async throws in
            let result = try await xpmctl.run("url", "web", "--output", "json")
            #expect(result.out.contains("\"url\":\"http://localhost:1/\"") && result.out.contains("\"name\":"))
            #expect(result.code == 0)
        }
    }

    /// An event comes, and the list that is read then is another one.
    @Test func aWatchedListTellsWhatChanges() async throws {
        let lists = Mutex(0)
        try await Xpmctl.with({ call in
            switch call.method {
            case "events.subscribe":
                return [
                    .reply(SubscribeEvents.Reply(last: 1)), .event(Samples.change(2, .starting, .running, id: "web")),
                ]
            case "service.list":
                let isFirst = lists.withLock { count in
                    count += 1
                    return count == 1
                }
                let services = [
                    Samples.service("db", .running), Samples.service("web", isFirst ? .starting : .running),
                ]
                return [.reply(ListServices.Reply(services: services))]
            case "experiment.list": return [.reply(ListExperiments.Reply(experiments: [Samples.experiment()]))]
            default: return [.refuse(WireError(.unknownMethod, "cannot do \(call.method)"))]
            }
        }) { (xpmctl: Xpmctl) async throws in
            let (running, reader) = try xpmctl.beginPiped(["list", "--watch"], descriptors: [1])
            let run = Samples.run
            let name = "\(run.experiment)@\(run.run)"
            let wanted = "\(name):db  RUNNING\n\(name):web  STARTING\n\(name):web  RUNNING\n"
            let text = try await within(what: "three lines") {
                try await Job<String>().value { job in
                    XPMClient.Thread.start {
                        var text: [UInt8] = []
                        while text.count < wanted.utf8.count {
                            let next = reader.next()
                            if next.isEmpty { break }
                            text += next
                        }
                        job.finish(.success(String(decoding: text, as: UTF8.self)))
                    }
                }
            }
            #expect(text == wanted)
            // Nobody reads any more.
            reader.closeReading()
            _ = try await running.code()
        }
    }

    @Test func timesAreLocalWithTheirOffset() async throws {
        try await with { (xpmctl: Xpmctl) async throws in
            var xpmctl = xpmctl
            xpmctl.environment["TZ"] = "XST-5:30"
            #expect(try await xpmctl.run("status", "web").out.contains("(2026-11-22T15:45:00.000+05:30)"))
            #expect(try await xpmctl.run("status", "web", "--utc").out.contains("(2026-11-22T10:15:00.000Z)"))
            xpmctl.environment["TZ"] = "WST+3"
            #expect(try await xpmctl.run("status", "web").out.contains("(2026-11-22T07:15:00.000-03:00)"))
        }
    }
}
