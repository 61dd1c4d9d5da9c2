import ScriptedDaemon
import Testing
import XPMClient
import XPMHTTP
import XPMProtocol

@testable import XPMWeb

struct PageTests {
    @Test func theSessionTellsWhoIsThere() throws {
        let end = try APIFixture().ask("GET", "/api/v1/session", [], scope: .read)
        #expect(end.answer?.json == ["user": "ada", "version": "9.9", "port": 4711, "path_mode": false])
    }

    @Test(arguments: API.Page.allCases) func pagesAreRead(_ page: API.Page) throws {
        for method in ["POST", "PUT", "DELETE", "OPTIONS"] {
            let end = try APIFixture().ask(method, page.path)
            #expect(end.answer?.head.status == 405)
            #expect(end.answer?.field("allow") == "GET, HEAD")
        }
        #expect(API.owns(page.path))
    }

    @Test(arguments: ["?usage=2", "?usage=1&usage=1", "?usage=%zz", "?usage=%ff", "?%00=1"])
    func aQueryThatCanBeReadInTwoWaysIsRefused(_ query: String) throws {
        let end = try APIFixture().ask("GET", "/api/v1/live\(query)", [])
        #expect(end.answer?.head.status == 400)
        #expect(end.answer?.json?["error"]?["code"]?.text == "invalid_parameters")
    }

    private func fixture(_ running: Int = 2) throws -> APIFixture {
        let api = try APIFixture()
        api.live.apply(
            [.connectionChanged(.live)]
                + (0..<running).map { number in
                    .serviceAdded(
                        MirroredService(
                            Samples.service("s\(number)", .running) {
                                ($0.pid, $0.attempt, $0.starts, $0.restarts) = (77, 5, 3, 1)
                            },
                            place: Int64(number)))
                } + [.serviceAdded(MirroredService(Samples.service("idle"), place: 99))])
        return api
    }

    private func reply(_ api: APIFixture, cpu: Double) -> (FakeDaemon.Call) -> Result<String, WireError>? {
        { call in
            guard let asked = try? Wire.decode(ListServices.self, from: call.params.utf8) else { return nil }
            let records = (asked.services ?? []).map { reference in
                Samples.service(reference.id, .running) {
                    ($0.attempt, $0.usage) = (5, UsageReport(memoryBytes: 4096, cpuSeconds: cpu, processes: 2))
                }
            }
            return .success(
                String(decoding: (try? Wire.encode(ListServices.Reply(services: records))) ?? [], as: UTF8.self))
        }
    }

    @Test func usageIsThatOfWhatRuns() throws {
        let api = try fixture()
        api.daemon.script = reply(api, cpu: 1.5)
        let answer = try api.ask("GET", "/api/v1/usage", [], scope: .read).answer
        let services = answer?.json?["services"]?.elements ?? []
        #expect(services.count == 2)
        #expect(services.first?["memory_bytes"]?.number == 4096)
        #expect(services.first?["processes"]?.number == 2)
        #expect(Set(services.compactMap { $0["id"]?.text }) == ["s0", "s1"])
        #expect(api.daemon.calls.count == 1)
    }

    @Test func manyServicesAreMeasuredInParts() throws {
        let api = try fixture(600)
        api.daemon.script = reply(api, cpu: 1.5)
        let answer = try api.ask("GET", "/api/v1/usage", [], scope: .read).answer
        #expect(answer?.json?["services"]?.elements.count == 600)
        #expect(api.daemon.calls.count == 3)
    }

    @Test func processorTimeIsTheDifferenceBetweenTwoSamples() throws {
        let api = try fixture(1)
        api.daemon.script = reply(api, cpu: 1)
        #expect(try api.ask("GET", "/api/v1/usage", []).answer?.json?["services"]?.elements[0]["cpu_percent"] == nil)
        api.daemon.script = reply(api, cpu: 1_000_001)
        let second = try api.ask("GET", "/api/v1/usage", []).answer?.json?["services"]?.elements[0]["cpu_percent"]
        #expect(second != nil)
        // Another process of the same service has begun at zero.
        api.daemon.script = reply(api, cpu: 0)
        #expect(try api.ask("GET", "/api/v1/usage", []).answer?.json?["services"]?.elements[0]["cpu_percent"] == nil)
    }

    @Test func usageIsMeasuredOnlyWhileSomebodyWatches() throws {
        let api = try fixture(1)
        api.daemon.script = reply(api, cpu: 1)
        _ = try api.ask("GET", "/api/v1/live", [])
        #expect(api.daemon.calls.isEmpty)
        let end = try api.ask("GET", "/api/v1/live?usage=1", [])
        #expect(api.daemon.calls.count == 1)
        let event = end.content.events.last
        #expect(event?.name == "usage")
        #expect(event?.data?["services"]?.elements[0] == [0, 4096, .null])
        end.abort()
        #expect(!api.api.usage.isWatching)
    }

    @Test func metricsTellOfServicesAndOfXpmWebItself() throws {
        let api = try fixture(1)
        api.daemon.script = reply(api, cpu: 1.5)
        let answer = try #require(try api.ask("GET", "/metrics", [], scope: .read).answer)
        let text = String(decoding: answer.body, as: UTF8.self)
        #expect(answer.field("content-type") == "text/plain; version=0.0.4; charset=utf-8")
        let labels = #"{workspace="/ws",experiment="my_experiment",run="20261122_101500",service="s0"}"#
        for line in [
            "xpm_up 1", #"xpm_services{state="running"} 1"#, #"xpm_services{state="stopped"} 1"#,
            "xpm_service_up\(labels) 1", "xpm_service_restarts_total\(labels) 1",
            "xpm_service_memory_bytes\(labels) 4096",
            "xpm_service_cpu_seconds_total\(labels) 1.5", "# TYPE xpm_service_cpu_seconds_total counter",
            #"xpm_web_streams{stream="live"} 0"#,
        ] {
            #expect(text.split(separator: "\n").contains(Substring(line)), "\(line)")
        }
        #expect(!text.contains("idle"), "of those that only lie there the number is all")
    }

    @Test func metricsTellThatXpmdIsAway() throws {
        let api = try fixture(1)
        api.daemon.script = { _ in .failure(WireError(.unreachable, "cannot reach xpmd")) }
        let answer = try #require(try api.ask("GET", "/metrics", []).answer)
        #expect(answer.head.status == 200)
        #expect(String(decoding: answer.body, as: UTF8.self).contains("xpm_up 0\n"))
    }

    @Test func labelsAreEscaped() {
        var text = MetricsText()
        text.add("x", .gauge, "Help.", [.init(0.5, [("path", "a\"b\\c\nd é")])])
        #expect(text.text == "# HELP x Help.\n# TYPE x gauge\nx{path=\"a\\\"b\\\\c\\nd é\"} 0.5\n")
    }
}
