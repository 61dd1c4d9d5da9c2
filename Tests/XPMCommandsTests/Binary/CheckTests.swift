import ScriptedDaemon
import Testing
import XPMProtocol

@testable import XPMClient
@testable import XPMCommands

/// `xpmctl check` with a scripted xpmd and a scripted web page.
struct CheckTests {
    private let board = Samples.service("tensorboard", .running) { $0.url = "http://127.0.0.1:6006/" }
    private let page = ScriptedSite.page("<script src=/x.js></script>")

    /// What the program does about a page that answers so, and the requests that it made.
    private func check(
        _ answers: [String: String], _ words: [String] = [], being: ServiceState = .running,
        hasWebPage: Bool = true, inPathMode: Bool = false,
        _ look: (Xpmctl.Result, [String], WebAccess) throws -> Void
    ) async throws {
        let site = try ScriptedSite(answers)
        defer { site.stop() }
        var service = board
        service.state = being
        let found = service
        let state = try ScratchFolder()
        defer { state.remove() }
        var web = WebRecord(
            state: hasWebPage ? .running : .stopped, listen: "localhost", service: ServiceReference(id: "web"))
        web.port = Int(site.port)
        web.pathMode = inPathMode
        let page = web
        let daemon = DaemonStatus.Reply(
            version: "0.2.0", pid: 1, keeperPid: 2, startedAt: .now, instance: "x", socket: "/run/xpmd.sock",
            stateFolder: state.path, services: [:], lastEvent: 0, connections: 1, storageFault: nil)
        try await Xpmctl.with({ call in
            switch call.method {
            case "service.get":
                [
                    .reply(
                        GetService.Reply(
                            service: found,
                            definition: ServiceDefinition(run: .template("tensorboard", parameters: [:]))))
                ]
            case "daemon.status": [.reply(daemon)]
            case "web.status": [.reply(page)]
            default: [.refuse(WireError(.unknownMethod, "cannot do \(call.method)"))]
            }
        }) { (xpmctl: Xpmctl) async throws in
            let result = try await xpmctl.begin(["check", "my_experiment:tensorboard"] + words).end()
            try look(result, site.requests, WebAccess(stateFolder: state.path))
        }
    }

    @Test func aPageThatWorksIsOK() async throws {
        let script = ScriptedSite.page("1", type: "text/javascript")
        try await check(["/": page, "/x.js": script]) { result, requests, access in
            #expect(result.code == 0, "\(result.err)")
            #expect(
                result.out.hasPrefix("my_experiment@20261122_101500:tensorboard: ok, 2 requests, http://tensorboard-"))
            #expect(requests.allSatisfy { $0.contains("\r\nAuthorization: Bearer xpm_") })
            #expect(access.list().isEmpty, "the token is left")
        }
    }

    @Test func aFaultHasAnExitCodeOfItsOwn() async throws {
        try await check(["/": page]) { result, _, access in
            #expect(result.code == ExitCodes.checkFailed)
            #expect(result.out.contains("1 fault, 2 requests"))
            #expect(result.out.contains("/x.js: status 404\n    named in http://tensorboard-"))
            #expect(access.list().isEmpty, "the token is left")
        }
    }

    @Test func jsonHasTheFaults() async throws {
        try await check(["/": page], ["-o", "json"]) { result, _, _ in
            let report = try Wire.decode(JSONValue.self, from: Array(result.out.utf8))
            guard case .object(let members) = report, case .array(let faults)? = members["faults"] else {
                Issue.record("\(result.out)")
                return
            }
            #expect(members["name"] == .string("my_experiment@20261122_101500:tensorboard"))
            #expect(faults.count == 1)
        }
    }

    @Test func aServiceThatDoesNotRunIsNotLoaded() async throws {
        try await check(["/": page], being: .stopped) { result, requests, _ in
            #expect(result.code == ErrorCode.notRunning.exitCode)
            #expect(result.err.contains("cannot check my_experiment@20261122_101500:tensorboard: it is STOPPED"))
            #expect(requests.isEmpty)
        }
    }

    @Test func inPathModeThePageIsBelowThatOfAll() async throws {
        try await check(
            ["/services/tensorboard/": page, "/x.js": ScriptedSite.page("1", type: "text/javascript")], inPathMode: true
        ) {
            result, requests, _ in
            #expect(result.code == 0, "\(result.out)")
            #expect(requests.first?.hasPrefix("GET /services/tensorboard/ HTTP/1.1\r\nHost: localhost:") == true)
        }
    }

    @Test func withoutAWebPageNothingIsChecked() async throws {
        try await check(["/": page], hasWebPage: false) { result, requests, _ in
            #expect(result.code == ErrorCode.conflict.exitCode)
            #expect(result.err.contains("cannot check pages: the web page does not run\nhint: `xpmctl web` starts it"))
            #expect(requests.isEmpty)
        }
    }
}
