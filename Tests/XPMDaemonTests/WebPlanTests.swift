import Testing
import XPMProtocol
import XPMTemplates

@testable import XPMDaemon

/// What `web` of a definition and of a template becomes.
@Suite struct WebPlanTests {
    private static let board = """
        command = ["board", "--base", "{prefix}", "--api={port:api}", "--token", "{token}"]
        url = "http://127.0.0.1:{port}{prefix}/"
        [web]
        rewrite = true
        path = "/lab?token={token}"
        ports.api = 0
        ports.fixed = 8123
        [idle]
        after_s = 1800
        probe.http = {path = "{prefix}/api/kernels", field = "*.execution_state"}
        """

    private func plan(_ definition: ServiceDefinition, ports: [String: Int]? = nil) throws -> ServicePlan {
        var shelf = TemplateShelf()
        let template = try Template(name: "board", toml: Self.board, path: "/board.toml")
        shelf.templates["board"] = .success(template)
        return try ServicePlan(
            definition, id: "a b", workspace: "/ws", templates: shelf, own: [:],
            allotment: Allotment(port: 20001, token: "t", ports: ports))
    }

    @Test func templateNamesPrefixAndPorts() throws {
        let plan = try plan(ServiceDefinition(run: .template("board", parameters: [:])), ports: ["api": 20002])
        #expect(plan.arguments == ["board", "--base", "/services/a%20b", "--api=20002", "--token", "t"])
        #expect(plan.url == "http://127.0.0.1:20001/services/a%20b/")
        #expect(
            plan.web == WebPolicy(rewrite: true, path: "/lab?token=t", ports: ["api": 20002, "fixed": 8123]))
        #expect(
            plan.filled?.definition.idle?.probe?.http
                == ActivityPage(path: "/services/a%20b/api/kernels", field: "*.execution_state"))
    }

    @Test func portsThatAreYetToBeAllottedAreShownAsNone() throws {
        let plan = try plan(ServiceDefinition(run: .template("board", parameters: [:])))
        #expect(plan.web?.ports == ["api": 0, "fixed": 8123] && plan.namedPorts.wishes == ["api": 0, "fixed": 8123])
    }

    @Test func webOfADefinitionTakesTheTemplatesPlaceExceptForItsPorts() throws {
        let definition = ServiceDefinition(
            run: .template("board", parameters: [:], arguments: ["{prefix}", "{port:more}"]),
            web: WebPolicy(prefix: .strip, ports: ["api": 9000, "more": 0]))
        let plan = try plan(definition, ports: ["more": 20003])
        #expect(plan.web == WebPolicy(prefix: .strip, ports: ["api": 9000, "fixed": 8123, "more": 20003]))
        #expect(plan.arguments.contains("--api=9000") && plan.arguments.suffix(2) == ["/services/a%20b", "20003"])
    }

    @Test func definitionWithoutWebKeepsItsBraces() throws {
        let plan = try plan(ServiceDefinition(run: .command(["a", "{prefix}", "{port}", "{port:api}"]), port: 0))
        #expect(plan.arguments == ["a", "{prefix}", "20001", "{port:api}"] && plan.web == nil)
    }

    @Test func definitionNamesPrefixAndPorts() throws {
        let plan = try plan(
            ServiceDefinition(
                run: .command(["a", "{prefix}{{prefix}}${prefix}", "{port:api}{port:b}"]), folder: "/f",
                web: WebPolicy(path: "/{port:api}", ports: ["api": 0], socket: "ui.sock")), ports: ["api": 20005])
        #expect(plan.arguments == ["a", "/services/a%20b{prefix}${prefix}", "20005{port:b}"])
        #expect(plan.web == WebPolicy(path: "/20005", ports: ["api": 20005], socket: "/f/ui.sock"))
    }

    @Test func whatCannotBeReachedIsRefused() {
        let long = String(repeating: "x", count: 108)
        for (web, parameter) in [
            (WebPolicy(socket: long), "definition.web.socket"), (WebPolicy(path: "//a"), "definition.web.path"),
        ] {
            let error = #expect(throws: WireError.self) {
                _ = try plan(ServiceDefinition(run: .command(["a"]), web: web))
            }
            #expect(error?.code == .invalidParameters && error?.data["parameter"] == .string(parameter))
        }
    }

    @Test func portsOfAHostedServiceAreItsHostsAffair() {
        #expect(throws: WireError.self) {
            _ = try plan(ServiceDefinition(run: .hosted, web: WebPolicy(ports: ["api": 0])))
        }
    }
}
