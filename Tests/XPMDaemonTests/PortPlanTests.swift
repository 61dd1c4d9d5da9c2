import Testing
import XPMProtocol
import XPMTemplates

@testable import XPMDaemon

@Suite struct PortPlanTests {
    @Test(arguments: [
        ("--port={port}", "--port=20001"), ("{port}{port}", "2000120001"), ("{{port}}", "{port}"),
        ("${port}", "${port}"),
        ("$x{port}", "$x20001"), ("{{{port}}}", "{{port}}"), ("{PORT} {ports} {port", "{PORT} {ports} {port"),
        ("{\"a\": {\"b\": 1}}", "{\"a\": {\"b\": 1}}"), ("", ""), ("é{port}", "é20001"),
    ])
    func exactlyTheWordInBracesIsReplaced(text: String, filled: String) {
        #expect(Placeholders(port: 20001).filled(text) == filled)
    }

    private func plan(_ definition: ServiceDefinition, port: Int? = nil) throws -> ServicePlan {
        try ServicePlan(
            definition, id: "web", workspace: "/ws", templates: TemplateShelf(folders: []), own: [:],
            allotment: Allotment(port: port))
    }

    @Test func bracesStayWithoutAPort() throws {
        let plan = try plan(
            ServiceDefinition(run: .command(["a", "{port}", "{{port}}"]), environment: ["A": "{port}"]))
        #expect(plan.arguments == ["a", "{port}", "{{port}}"] && plan.environment == ["A": "{port}"])
        #expect(plan.port == .none)
    }

    @Test func portComesToEveryPlaceThatIsSaidToHaveOne() throws {
        let definition = ServiceDefinition(
            run: .command(["a", "-p", "{port}"]), environment: ["A": "x{port}"], port: 0,
            url: "http://127.0.0.1:{port}/ui",
            readiness: Readiness(
                http: HTTPProbe(url: "http://127.0.0.1:{port}/ready"), tcp: TCPProbe(),
                command: CommandProbe(["c", "{port}"])),
            stop: StopPolicy(command: ["s", "{port}"]),
            health: HealthPolicy(http: HTTPProbe(), tcp: TCPProbe(host: "::1")))
        let plan = try plan(definition, port: 20007)
        #expect(plan.port == .any)
        #expect(plan.arguments == ["a", "-p", "20007"] && plan.environment == ["A": "x20007"])
        #expect(plan.url == "http://127.0.0.1:20007/ui")
        #expect(
            plan.readiness?.probes == [
                .page(url: "http://127.0.0.1:20007/ready", path: nil, status: nil), .tcp(host: nil, port: 20007),
                .command(["c", "20007"]),
            ])
        #expect(plan.stopCommand == ["s", "20007"])
        #expect(plan.health?.probes == [.page(url: nil, path: nil, status: nil), .tcp(host: "::1", port: 20007)])
    }

    @Test func wishIsThePort() throws {
        let plan = try plan(ServiceDefinition(run: .command(["a", "{port}"]), port: 8000), port: 20007)
        #expect(plan.arguments == ["a", "8000"] && plan.port == .wish(8000))
    }

    @Test func pageIsAskedAtTheURLOfTheDefinition() throws {
        let wish = Readiness(http: HTTPProbe(path: "/health"))
        #expect(try plan(ServiceDefinition(run: .command(["a"]), url: "http://h/", readiness: wish)).url == "http://h/")
    }

    @Test(arguments: [
        (ServiceDefinition(run: .command(["a"]), port: 65536), "the port 65536"),
        (ServiceDefinition(run: .command(["a"]), port: -1), "the port -1"),
        (ServiceDefinition(run: .command(["a"]), url: "javascript:x"), "as the URL of 'web'"),
        (ServiceDefinition(run: .command(["a"]), url: "http://h:{port}/"), "as the URL of 'web'"),
        (
            ServiceDefinition(run: .command(["a"]), readiness: Readiness(tcp: TCPProbe())),
            "it has no port; give one"
        ),
        (
            ServiceDefinition(run: .command(["a"]), readiness: Readiness(tcp: TCPProbe(port: 1), successes: 0)),
            "0 successes in a row"
        ),
        (
            ServiceDefinition(
                run: .command(["a"]), readiness: Readiness(tcp: TCPProbe(port: 1), initialDelaySeconds: 60)),
            "cannot wait 60 s"
        ),
        (
            ServiceDefinition(run: .command(["a"]), readiness: Readiness(tcp: TCPProbe(port: 1), successes: 61)),
            "cannot wait 60 s"
        ),
        (
            ServiceDefinition(run: .command(["a"]), log: LogPolicy(stdout: "/dev/full")),
            "the only device allowed is /dev/null"
        ),
        (
            ServiceDefinition(run: .command(["a"]), readiness: Readiness(log: LogPattern("x")), log: LogPolicy(.null)),
            "its output is discarded"
        ),
    ])
    func whatCannotBeIsRefused(definition: ServiceDefinition, words: String) {
        let error = #expect(throws: WireError.self) { try plan(definition) }
        #expect(error?.code == .invalidParameters)
        #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
    }

    @Test func sameServiceBeginsAtTheSamePort() {
        let run = RunIdentity(workspace: "/ws", experiment: "e", run: "r")
        let first = PortPlan.first(for: ServiceIdentity(run: run, id: "a"))
        #expect(PortPlan.range.contains(first))
        #expect(first == PortPlan.first(for: ServiceIdentity(run: run, id: "a")))
        #expect(first != PortPlan.first(for: ServiceIdentity(run: run, id: "b")))
    }

    @Test func shippedTemplatesKeepTheirPort() throws {
        let shelf = TemplateShelf(folders: ["share/xpmd/templates"])
        for name in ["tensorboard", "jupyterlab"] {
            let template = try shelf.template(name)
            #expect(template.usesPort)
            let rendered = try template.render(
                id: "x", parameters: name == "tensorboard" ? ["logdir": "/r"] : [:], folder: "/f", port: 20009,
                token: "secret")
            #expect(rendered.arguments.contains { $0.contains("20009") })
            #expect(!rendered.arguments.contains { $0.contains("secret") })
        }
        #expect(try shelf.template("jupyterlab").usesToken)
    }
}
