import Testing
import XPMClient
import XPMHTTP
import XPMProtocol

@testable import XPMWeb

/// What every request is checked for, in which order.
@Suite struct CheckTests {
    let fixture: GatewayFixture
    let label: String

    init() throws {
        fixture = try GatewayFixture()
        label = OriginLabel(fixture.put(record("lab"))).text
    }

    @Test(
        arguments: [
            "evil.example", "evil.example:8470", "localhost", "localhost:8471", "localhost.:8470",
            "localhost.evil.example:8470",
            "a.b.localhost:8470", "127.0.0.1:80", "127.0.0.2:8470", "[::2]:8470", "xlocalhost:8470", "0.0.0.0:8470",
            "localhost:08470x",
        ].filter { $0 != "localhost:08470x" })
    func otherHostsAreMisdirected(host: String) throws {
        let cookie = try fixture.signIn()
        for line in [
            "GET /", "POST /api/v1/service.stop", "GET /sign-in", "POST /api/sign-in", "GET /.xpm/enter?code=x",
        ] {
            #expect(fixture.send(line, [cookie, "X-XPM-Request: 1"], host: host).status == 421, "\(line)")
        }
    }

    @Test(arguments: ["127.0.0.1:8470", "[::1]:8470"])
    func addressesLeadToTheName(host: String) {
        let end = fixture.send("GET /services/lab/?x=1", GatewayFixture.navigation, host: host)
        #expect(end.status == 302)
        #expect(end.field("Location") == "http://localhost:8470/services/lab/?x=1")
        #expect(fixture.send("POST /api/sign-in", host: host).status == 421)
    }

    @Test(arguments: [
        "null", "http://evil.example", "http://localhost", "http://localhost:3000",
        "http://localhost:8470.evil.example",
        "http://lab.localhost:8470", "file://", "http://", "localhost:8470", "http://localhost:8470/", "",
    ])
    func otherOriginsAreRefused(origin: String) throws {
        let cookie = try fixture.signIn()
        let own = fixture.enter(label, with: cookie)
        let field = "Origin: \(origin)"
        for line in ["POST /api/v1/service.stop", "GET /api/v1/live", "POST /api/sign-out", "POST /api/sign-in"] {
            #expect(fixture.send(line, [cookie, field, "X-XPM-Request: 1"]).status == 403, "\(line)")
        }
        for fields in [["Connection: Upgrade", "Upgrade: websocket"], [], GatewayFixture.navigation] {
            let end = fixture.send("GET /services/lab/ws", [own, field] + fields, host: "\(label).localhost:8470")
            #expect(end.status == 403 && end.forwarded == nil)
        }
    }

    @Test func theOwnOriginIsNot() throws {
        let own = fixture.enter(label, with: try fixture.signIn())
        let end = fixture.send(
            "GET /ws",
            [own, "Origin: http://\(label.uppercased()).localhost:8470", "Connection: Upgrade", "Upgrade: websocket"],
            host: "\(label).localhost:8470")
        #expect(end.forwarded != nil)
    }

    /// The origin is looked at before the session: who is not signed in learns no more than that.
    @Test func theOrderIsHostOriginSession() {
        #expect(fixture.send("GET /", ["Origin: null"], host: "evil.example").status == 421)
        #expect(fixture.send("GET /", ["Origin: null"]).status == 403)
        #expect(fixture.send("GET /").status == 401)
    }

    @Test(arguments: ["cross-site", "same-site", "unheard-of"], ["no-cors", "cors", "websocket", "same-origin", nil])
    func requestsOfOtherSitesAreRefused(site: String, mode: String?) throws {
        let cookie = try fixture.signIn()
        let fields = ["Sec-Fetch-Site: \(site)"] + (mode.map { ["Sec-Fetch-Mode: \($0)"] } ?? [])
        #expect(fixture.send("GET /api/v1/live", [cookie] + fields).status == 403)
        #expect(fixture.send("GET /enter?label=\(label)", [cookie] + fields).status == 403)
        let own = fixture.enter(label, with: cookie)
        #expect(fixture.send("GET /x", [own] + fields, host: "\(label).localhost:8470").status == 403)
    }

    @Test func aLinkOnAnotherSiteMayLeadHereButNotAForm() throws {
        let cookie = try fixture.signIn()
        let fields = ["Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: navigate"]
        #expect(fixture.send("GET /", [cookie] + fields).status == 200)
        #expect(fixture.send("POST /", [cookie] + fields).status == 403)
        // Two that contradict each other count as the worse.
        #expect(fixture.send("GET /", [cookie, "Sec-Fetch-Site: none", "Sec-Fetch-Site: cross-site"]).status == 403)
        #expect(
            fixture.send("GET /", [cookie] + fields + ["Sec-Fetch-Mode: no-cors"]).status == 403)
    }

    @Test(arguments: [
        "GET /", "GET /api/v1/session", "GET /api/v1/live", "GET /metrics", "POST /api/v1/service.start",
        "GET /enter?label=x", "POST /api/sign-out", "GET /services/lab/", "GET /assets/main.js", "GET /nothing",
    ])
    func everythingNeedsASession(line: String) {
        #expect(fixture.send(line, ["X-XPM-Request: 1"]).status == 401)
        #expect(
            fixture.send(line, ["X-XPM-Request: 1", "Cookie: __Host-xpm-8470=" + String(repeating: "A", count: 43)])
                .status == 401)
        #expect(
            fixture.send(line, ["X-XPM-Request: 1", "Authorization: Bearer xpm_" + String(repeating: "A", count: 43)])
                .status == 401)
    }

    @Test func whatChangesSomethingNeedsTheHeader() throws {
        let cookie = try fixture.signIn()
        for line in ["POST /api/v1/service.stop", "POST /api/sign-out", "DELETE /api/v1/x"] {
            #expect(fixture.send(line, [cookie]).status == 403, "\(line)")
        }
        #expect(fixture.send("POST /api/sign-in", body: "{}").status == 403)
        #expect(fixture.send("POST /api/sign-out", [cookie, "X-XPM-Request: 1"]).status == 204)
        #expect(fixture.send("GET /", [cookie]).status == 401)
    }

    @Test func aRequestThatCameThroughHereIsALoop() throws {
        let own = fixture.enter(label, with: try fixture.signIn())
        let mark = String(decoding: fixture.gateway.hop.value, as: UTF8.self)
        #expect(fixture.send("GET /", [own, "xpm-hop: \(mark)"], host: "\(label).localhost:8470").status == 508)
        // Another xpm-web is none.
        #expect(fixture.send("GET /x", [own, "xpm-hop: other"], host: "\(label).localhost:8470").forwarded != nil)
    }

    @Test func nothingOfARequestIsInAPageUnescaped() throws {
        let cookie = try fixture.signIn()
        fixture.put(record("<script>alert(1)</script>", .error) { $0.error = "<img src=x onerror=alert(1)>" })
        let evil = OriginLabel(record("<script>alert(1)</script>").identity).text
        let own = fixture.enter(evil, with: cookie)
        let end = fixture.send("GET /", [own] + GatewayFixture.navigation, host: "\(evil).localhost:8470")
        #expect(end.status == 503)
        #expect(end.text.contains("&lt;script&gt;alert(1)&lt;/script&gt;") && end.text.contains("&lt;img src=x"))
        #expect(!end.text.contains("<img") && !end.text.contains("<script>alert"))
        for line in ["GET /<b>", "GET /services/<b>/", "GET /enter?label=<b>"] {
            let end = fixture.send(line, [cookie] + GatewayFixture.navigation)
            #expect(!end.text.contains("<b>"), "\(line)")
        }
    }

    @Test func everyAnswerOfOursHasItsFields() throws {
        let cookie = try fixture.signIn()
        for end in [
            fixture.send("GET /"), fixture.send("GET /", GatewayFixture.navigation), fixture.send("GET /", [cookie]),
            fixture.send("GET /sign-in"), fixture.send("GET /", host: "evil.example"),
            fixture.send("GET /no", [cookie]),
            fixture.send("GET /services/lab/", [cookie]),
        ] {
            let policy = end.field("Content-Security-Policy") ?? ""
            #expect(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"))
            #expect(!policy.contains("unsafe") && !policy.contains("*"))
            #expect(end.field("X-Content-Type-Options") == "nosniff")
            #expect(end.field("Referrer-Policy") == "no-referrer")
            #expect(end.field("Cross-Origin-Resource-Policy") == "same-origin")
            #expect(end.field("Cross-Origin-Opener-Policy") == "same-origin")
        }
    }
}
