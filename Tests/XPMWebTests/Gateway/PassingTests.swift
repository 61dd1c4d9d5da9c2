import Testing
import XPMClient
import XPMHTTP
import XPMProtocol

@testable import XPMWeb

@Suite struct PassingTests {
    let fixture: GatewayFixture
    let label: String
    let own: String

    init() throws {
        fixture = try GatewayFixture()
        label = OriginLabel(fixture.put(record("lab"))).text
        own = fixture.enter(label, with: try fixture.signIn())
    }

    private var host: String { "\(label).localhost:8470" }

    @Test func theBackendGetsTheRequestWithoutOurSecrets() throws {
        let head = fixture.send("GET /a%2Fb//c?x=&y", ["\(own); theirs=1", "Authorization: Bearer theirs"], host: host)
            .backendHead
        #expect(head.hasPrefix("GET /a%2Fb//c?x=&y HTTP/1.1\r\n"))
        #expect(head.contains("Host: \(host)\r\n"))
        #expect(head.contains("Cookie: theirs=1\r\n"))
        #expect(head.contains("Authorization: Bearer theirs\r\n"))
        #expect(head.contains("X-Forwarded-For: 127.0.0.1\r\n"))
        #expect(head.contains("X-Forwarded-Proto: http\r\n"))
        #expect(head.contains("X-Forwarded-Host: \(host)\r\n"))
        #expect(!head.contains("__Host-xpm"))
        let token = try fixture.web.makeToken(named: "t", scope: .all)
        #expect(
            !fixture.send("GET /", ["Authorization: Bearer \(token)"], host: host).backendHead.contains("Authorization")
        )
    }

    @Test func connectionsAreOfOneAttempt() {
        fixture.put(record("lab") { $0.attempt = 1 })
        let first = fixture.send("GET /x", [own], host: host).forwarded
        fixture.put(
            record("lab", url: "http://127.0.0.1:7007/") {
                $0.attempt = 2
                $0.revision = 2
            })
        let second = fixture.send("GET /x", [own], host: host).forwarded
        #expect(first?.backends.first == .ipv4(port: 6006))
        #expect(second?.backends.first == .ipv4(port: 7007))
        #expect(first?.pool != second?.pool)
    }

    @Test func aServiceWhoseURLHasThePrefixKeepsIt() {
        fixture.put(record("lab", url: "http://127.0.0.1:6006/services/lab/?token=x") { $0.revision = 2 })
        let root = fixture.send("GET /", [own] + GatewayFixture.navigation, host: host)
        #expect(root.status == 302)
        #expect(root.field("Location") == "/services/lab/?token=x")
        #expect(
            fixture.send("GET /services/lab", [own] + GatewayFixture.navigation, host: host).field("Location")
                == "/services/lab/")
        let head = fixture.send("GET /services/lab/x", [own], host: host).backendHead
        #expect(head.hasPrefix("GET /services/lab/x HTTP/1.1\r\n"))
        #expect(head.contains("X-Forwarded-Prefix: /services/lab\r\n"))
    }

    @Test func trafficIsCounted() {
        let activity = fixture.send("GET /x", [own], host: host).forwarded?.activity
        let other = fixture.send("GET /y", [own], host: host).forwarded?.activity
        #expect(activity != nil && activity === other)
    }

    @Test(arguments: [
        (BackendFailure.cannotConnect(111), 502), (.closed(afterSending: true), 502),
        (.malformed(.malformedLength), 502),
        (.timedOut, 504),
    ])
    func aBackendThatFailsIsAPageOrJSON(failure: BackendFailure, status: Int) {
        let page = fixture.send("GET /x", [own] + GatewayFixture.navigation, host: host)
        page.fail(failure)
        #expect(page.status == status)
        #expect(page.field("Content-Type")?.hasPrefix("text/html") == true)
        let json = fixture.send("GET /x", [own], host: host)
        json.fail(failure)
        #expect(json.status == status)
        #expect(json.text.contains("\"backend_failed\""))
    }

    @Test func aServiceThatIsGoneHasNoOrigin() {
        fixture.live.apply([.serviceRemoved(record("lab").identity)])
        #expect(fixture.send("GET /x", [own], host: host).status == 404)
    }

    @Test func aPageElsewhereIsLedTo() throws {
        fixture.put(record("lab", url: "https://wandb.ai/run/1") { $0.revision = 2 })
        #expect(
            fixture.send("GET /", [own] + GatewayFixture.navigation, host: host).field("Location")
                == "https://wandb.ai/run/1")
        #expect(fixture.send("GET /x", [own], host: host).status == 404)
    }

    @Test func beforeServicesAreKnownNoneIsMissing() throws {
        let cookie = try fixture.signIn()
        fixture.live.apply([.connectionChanged(.connecting)])
        for end in [
            fixture.send("GET /services/board/", [cookie]), fixture.send("GET /enter?label=board", [cookie]),
        ] {
            #expect(end.status == 503)
            #expect(end.field("Retry-After") == "1")
        }
    }

    @Test func aPolicyOfTheRecordIsFollowed() throws {
        fixture.put(
            record("lab") {
                $0.revision = 2
                $0.web = WebPolicy(
                    prefix: .strip, host: "backend", origin: "backend", rewrite: true, path: "/lab?reset",
                    ports: ["metrics": 9090, "soon": 0])
            })
        #expect(
            fixture.send("GET /", [own] + GatewayFixture.navigation, host: host).field("Location")
                == "/services/lab/lab?reset")
        let end = fixture.send("GET /services/lab/x", [own, "Origin: http://\(host)"], host: host)
        #expect(end.backendHead.hasPrefix("GET /x HTTP/1.1\r\n"))
        #expect(
            end.backendHead.contains("Host: 127.0.0.1:6006\r\n")
                && end.backendHead.contains("Origin: http://127.0.0.1:6006\r\n"))
        #expect(end.forwarded?.response.prefix == Array("/services/lab".utf8))
        #expect(fixture.send("GET /static/x", [own], host: host).backendHead.hasPrefix("GET /static/x "))
        // An extra port has an origin of its own, and an entry of its own.
        let cookie = try fixture.signIn()
        let identity = record("lab").identity
        let metrics = OriginLabel(identity, port: "metrics").text
        let other = fixture.enter(metrics, with: cookie)
        let page = fixture.send("GET /x", [other], host: "\(metrics).localhost:8470")
        #expect(page.forwarded?.backends.first == .ipv4(port: 9090))
        #expect(page.backendHead.hasPrefix("GET /x "))
        #expect(fixture.send("GET /x", [own], host: "\(metrics).localhost:8470").status == 401)
        let soon = OriginLabel(identity, port: "soon").text
        #expect(
            fixture.send("GET /x", [fixture.enter(soon, with: cookie)], host: "\(soon).localhost:8470").status == 502)
        // One that the record has no more is gone.
        fixture.put(record("lab") { $0.revision = 3 })
        #expect(fixture.send("GET /x", [other], host: "\(metrics).localhost:8470").status == 404)
    }

    @Test func aSocketIsAsked() {
        fixture.put(
            record("lab", url: nil) {
                $0.revision = 2
                $0.web = WebPolicy(prefix: .keep, socket: "/run/lab.sock")
            })
        let end = fixture.send("GET /services/lab/x", [own], host: host)
        #expect(end.forwarded?.backends == [.unix(path: "/run/lab.sock")])
        #expect(end.backendHead.hasPrefix("GET /services/lab/x "))
    }

    // MARK: By the id, at the dashboard's origin

    @Test func anIDLeadsToTheServiceOfTheNewestRun() throws {
        let cookie = try fixture.signIn()
        for (place, run) in ["r1", "r2", "r3"].enumerated() {
            let added = record("board", run: run)
            fixture.live.apply([
                .runAdded(
                    MirroredRun(
                        ExperimentRecord(identity: added.identity.run, runMode: .normal, openedAt: .now),
                        place: Int64(place + 1))),
                .serviceAdded(MirroredService(added, place: 0)),
            ])
        }
        let newest = OriginLabel(record("board", run: "r3").identity).text
        let end = fixture.send("GET /services/board/x?y=1", [cookie] + GatewayFixture.navigation)
        #expect(end.status == 302)
        #expect(end.field("Location") == "http://\(newest).localhost:8470/x?y=1")
        #expect(fixture.send("GET /services/nothing/", [cookie]).status == 404)
    }

    @Test func anIDOfSeveralExperimentsIsAChoice() throws {
        let cookie = try fixture.signIn()
        fixture.put(record("board", experiment: "one"))
        fixture.put(record("board", experiment: "two"))
        let page = fixture.send("GET /services/board/", [cookie] + GatewayFixture.navigation)
        #expect(page.status == 300)
        #expect(page.text.contains("one@") && page.text.contains("two@"))
        let json = fixture.send("GET /services/board/", [cookie])
        #expect(json.field("Content-Type") == "application/json")
        #expect(json.text.contains("\"candidates\""))
    }

    @Test func subServicesHaveTwoSegments() throws {
        let cookie = try fixture.signIn()
        let label = OriginLabel(fixture.put(record("monitoring/wandb"))).text
        let end = fixture.send("GET /services/monitoring/wandb/x", [cookie])
        #expect(end.field("Location") == "http://\(label).localhost:8470/x")
    }

    @Test func pathModeServesBelowTheDashboardsOrigin() throws {
        let fixture = try GatewayFixture(pathMode: true, hosts: ["hub.example.org"])
        let label = OriginLabel(fixture.put(record("lab"))).text
        let cookie = try fixture.signIn()
        for host in ["localhost:8470", "127.0.0.1:8470", "hub.example.org"] {
            let end = fixture.send("GET /services/lab/x", [cookie], host: host)
            #expect(end.backendHead.hasPrefix("GET /x HTTP/1.1\r\n"), "\(host)")
            #expect(end.backendHead.contains("X-Forwarded-Prefix: /services/lab\r\n"))
            #expect(end.forwarded?.response.prefix == Array("/services/lab".utf8))
            #expect(!end.backendHead.contains("__Host-xpm"))
        }
        #expect(fixture.send("GET /services/lab/x").status == 401)
        #expect(fixture.send("GET /", [cookie], host: "\(label).localhost:8470").status == 401)
        #expect(fixture.send("GET /", [cookie], host: "evil.example").status == 421)
    }

    @Test func behindASocketThePortIsThatOfTheBrowser() throws {
        let fixture = try GatewayFixture(port: nil)
        let label = OriginLabel(fixture.put(record("lab"))).text
        let cookie = try fixture.signIn()
        #expect(cookie.hasPrefix("Cookie: __Host-xpm="))
        for host in ["localhost:9000", "localhost:9001"] {
            let end = fixture.send("GET /services/lab/", [cookie] + GatewayFixture.navigation, host: host)
            #expect(end.field("Location") == "http://\(label).\(host)/")
        }
        #expect(fixture.gateway.origin(of: record("lab")).web == "/enter?label=\(label)&to=/")
        #expect(fixture.send("GET /", [cookie], host: "evil.example:9000").status == 421)
    }

    @Test func theURLOfAPageIsKnownBeforeItRuns() throws {
        func url(_ record: ServiceRecord) -> String? {
            fixture.put(record)
            return fixture.gateway.origin(of: record).web
        }
        let own = "http://\(host)"
        #expect(url(record("lab", .stopped) { $0.revision = 2 }) == "\(own)/")
        #expect(
            url(
                record("lab", .stopped) {
                    $0.revision = 3; $0.web = WebPolicy(path: "/lab")
                }) == "\(own)/services/lab/lab")
        #expect(
            url(record("lab", url: "http://127.0.0.1:1/services/lab/?token=x") { $0.revision = 4 })
                == "\(own)/services/lab/?token=x")
        #expect(url(record("lab", url: nil) { $0.revision = 5 }) == nil)
        #expect(
            url(
                record("lab", .stopped) {
                    $0.revision = 6; $0.subServices = ["lab/a"]
                }) == nil)
        #expect(url(record("lab", url: "https://wandb.ai/x") { $0.revision = 7 }) == "https://wandb.ai/x")
    }
}
