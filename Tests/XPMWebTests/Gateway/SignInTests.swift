import Testing
import XPMClient
import XPMProtocol

@testable import XPMWeb

@Suite struct SignInTests {
    let fixture: GatewayFixture

    init() throws { fixture = try GatewayFixture() }

    @Test func aCodeOfXpmctlSignsABrowserInOnce() throws {
        let code = try fixture.web.makeCode()
        func send() -> RecordedEnd {
            fixture.send(
                "POST /api/sign-in",
                ["X-XPM-Request: 1", "Origin: http://localhost:8470", "Sec-Fetch-Site: same-origin"],
                body: "{\"code\":\"\(code)\"}")
        }
        let end = send()
        #expect(end.status == 204)
        let cookie = try #require(end.field("Set-Cookie"))
        #expect(cookie.hasPrefix("__Host-xpm-8470="))
        for part in ["Path=/", "Secure", "HttpOnly", "SameSite=Lax"] { #expect(cookie.contains("; \(part)")) }
        #expect(!cookie.contains("Domain"))
        #expect(fixture.send("GET /", ["Cookie: " + cookie.prefix { $0 != ";" }]).text == "dashboard")
        #expect(send().status == 401)
    }

    @Test(arguments: [
        "", "{}", "[]", "{\"code\":1}", "{\"code\":\"../port\"}", "{\"code\":\"\\u0000\"}", "{\"code\":\"x\"}",
    ])
    func otherCodesDoNot(body: String) {
        let end = fixture.send("POST /api/sign-in", ["X-XPM-Request: 1"], body: body)
        #expect([400, 401].contains(end.status))
        #expect(end.field("Set-Cookie") == nil)
    }

    @Test func aLongBodyIsNotRead() {
        let end = fixture.send("POST /api/sign-in", ["X-XPM-Request: 1"], body: String(repeating: "a", count: 5000))
        #expect(end.status == 413)
    }

    @Test func aGetSignsNobodyIn() throws {
        let code = try fixture.web.makeCode()
        #expect(fixture.send("GET /api/sign-in?code=\(code)", ["X-XPM-Request: 1"]).status == 405)
        #expect(fixture.send("GET /sign-in?code=\(code)").field("Set-Cookie") == nil)
        #expect(WebCode.redeem(code, in: fixture.web.codes))
    }

    @Test func whoIsNotSignedInIsToldHow() {
        let page = fixture.send("GET /", GatewayFixture.navigation)
        #expect(page.status == 401)
        #expect(page.text.contains("xpmctl web"))
        let json = fixture.send("GET /", ["Accept: application/json"])
        #expect(json.field("Content-Type") == "application/json")
        #expect(json.text.contains("\"unauthorized\""))
    }

    @Test func aBrowserEntersAServiceByACodeOfTheDashboard() throws {
        let label = OriginLabel(fixture.put(record("lab"))).text
        let host = "\(label).localhost:8470"
        let cookie = try fixture.signIn()
        let first = fixture.send("GET /tree?x=1", GatewayFixture.navigation, host: host)
        #expect(first.status == 302)
        #expect(first.field("Location") == "http://localhost:8470/enter?label=\(label)&to=/tree%3Fx%3D1")
        let second = fixture.send("GET /enter?label=\(label)&to=/tree%3Fx%3D1", [cookie] + GatewayFixture.navigation)
        #expect(second.status == 303)
        let place = try #require(second.field("Location"))
        #expect(place.hasPrefix("http://\(host)/.xpm/enter?code="))
        let path = String(place.dropFirst("http://\(host)".count))
        let third = fixture.send("GET \(path)", GatewayFixture.navigation, host: host)
        #expect(third.status == 303)
        #expect(third.field("Location") == "/tree?x=1")
        let own = "Cookie: " + (third.field("Set-Cookie") ?? "").prefix { $0 != ";" }
        #expect(fixture.send("GET /tree?x=1", [own], host: host).forwarded != nil)
        // Once, and nowhere else.
        #expect(fixture.send("GET \(path)", GatewayFixture.navigation, host: host).status == 401)
    }

    @Test func aCodeToOneServiceIsOfNoUseAtAnother() throws {
        let (one, other) = (
            OriginLabel(fixture.put(record("one"))).text, OriginLabel(fixture.put(record("other"))).text
        )
        let cookie = try fixture.signIn()
        let place = try #require(fixture.send("GET /enter?label=\(one)", [cookie]).field("Location"))
        let path = place.drop { $0 != ":" }.dropFirst(3).drop { $0 != "/" }
        #expect(fixture.send("GET \(path)", host: "\(other).localhost:8470").status == 401)
        #expect(fixture.send("GET \(path)", host: "\(one).localhost:8470").status == 401)
    }

    /// The names of a service are no secret, and its label is made of them; the address of its page may have one.
    @Test func whoIsNotSignedInLearnsNothingOfAService() {
        let known = fixture.put(record("lab", url: "http://127.0.0.1:8888/lab?token=secret"))
        let labels = [OriginLabel(known).text, "other-lab-run-xxxxxxxx"]
        for fields in [[], GatewayFixture.navigation, ["Accept: text/html"]] {
            for path in ["/", "/lab", "/.xpm/enter?code=x", "/.xpm/wait"] {
                let ends = labels.map { fixture.send("GET \(path)", fields, host: "\($0).localhost:8470") }
                #expect(ends[0].status == ends[1].status, "\(path) \(fields)")
                #expect(ends[0].text == ends[1].text, "\(path) \(fields)")
                for end in ends {
                    #expect(!end.text.contains("secret") && end.field("Location")?.contains("secret") != true)
                }
            }
        }
    }

    @Test(arguments: ["//evil.example/x", "/\\evil.example", "/a\u{7f}b"])
    func aReportedPathLeadsToNoOtherHost(path: String) throws {
        let label = OriginLabel(fixture.put(record("lab", url: "http://127.0.0.1:8888" + path))).text
        let own = fixture.enter(label, with: try fixture.signIn())
        let end = fixture.send("GET /", [own] + GatewayFixture.navigation, host: "\(label).localhost:8470")
        #expect(end.field("Location").map { $0.hasPrefix("/services/lab/") } ?? true, "\(end.field("Location") ?? "")")
    }

    @Test func aReportedURLThatLooksLikeAnotherIsNoPage() {
        let address = PageAddress("http://127.0.0.1:8888@evil.example/")
        #expect(address?.host == "evil.example" && address?.hasUserInfo == true)
        let record = record("lab", url: "http://127.0.0.1:8888@evil.example/")
        #expect(Backend(record, rules: WebRules(record)) == .unknown)
    }

    @Test func aServicesCookieOpensNothingElse() throws {
        let (one, other) = (
            OriginLabel(fixture.put(record("one"))).text, OriginLabel(fixture.put(record("other"))).text
        )
        let own = fixture.enter(one, with: try fixture.signIn())
        #expect(fixture.send("GET /x", [own], host: "\(one).localhost:8470").forwarded != nil)
        #expect(fixture.send("GET /x", [own], host: "\(other).localhost:8470").status == 401)
        #expect(fixture.send("GET /api/v1/session", [own]).status == 401)
        #expect(fixture.send("GET /", [own]).status == 401)
    }

    @Test func enteringLeadsToNoOtherHost() throws {
        let label = OriginLabel(fixture.put(record("lab"))).text
        let cookie = try fixture.signIn()
        for to in ["//evil.example", "/%5Cevil.example", "http://evil.example", "/a%0d%0aSet-Cookie:x"] {
            let place = fixture.send("GET /enter?label=\(label)&to=\(to)", [cookie]).field("Location") ?? ""
            #expect(place.hasSuffix("&to=/"), "\(place)")
            let path = place.drop { $0 != ":" }.dropFirst(3).drop { $0 != "/" }.replacing("to=/", with: "to=\(to)")
            #expect(fixture.send("GET \(path)", host: "\(label).localhost:8470").field("Location") == "/", "\(to)")
        }
        #expect(fixture.send("GET /enter?label=evil.example", [cookie]).status == 404)
    }

    @Test func whoIsNotSignedInLearnsOfNoService() {
        fixture.put(record("lab"))
        let (known, unknown) = (OriginLabel(record("lab").identity).text, OriginLabel(record("no").identity).text)
        for fields in [[], ["Connection: Upgrade", "Upgrade: websocket"]] {
            let answers = [known, unknown].map { fixture.send("GET /x", fields, host: "\($0).localhost:8470").status }
            #expect(answers == [401, 401])
        }
    }

    @Test func signingOutEndsServicesToo() throws {
        let label = OriginLabel(fixture.put(record("lab"))).text
        let cookie = try fixture.signIn()
        let own = fixture.enter(label, with: cookie)
        #expect(
            fixture.send("POST /api/sign-out", [cookie, "X-XPM-Request: 1"]).field("Set-Cookie")?.contains("Max-Age=0")
                == true)
        #expect(fixture.send("GET /x", [own], host: "\(label).localhost:8470").status == 401)
    }

    @Test func ourCookieIsTakenWhateverElseIsSent() throws {
        let cookie = try fixture.signIn()
        let secret = cookie.dropFirst("Cookie: ".count)
        #expect(fixture.send("GET /", ["Cookie: a=1; \(secret); b=2"]).status == 200)
        #expect(fixture.send("GET /", ["Cookie: a=1", "Cookie: \(secret)"]).status == 200)
        // What a sibling can set has another name.
        for name in ["__Host-xpm", "xpm-8470", "__host-xpm-8470", "__Host-xpm-84700", " __Host-xpm-8470x"] {
            #expect(
                fixture.send("GET /", ["Cookie: \(name)=\(secret.drop { $0 != "=" }.dropFirst())"]).status == 401,
                "\(name)")
        }
    }

    @Test func tokensCountUntilTheyAreRevoked() throws {
        let token = try fixture.web.makeToken(named: "ci", scope: .all)
        let field = "Authorization: Bearer \(token)"
        #expect(fixture.send("GET /", [field]).status == 200)
        #expect(fixture.send("POST /api/sign-out", [field]).status == 204)
        try fixture.web.revoke("ci")
        #expect(fixture.send("GET /", [field]).status == 401)
    }

    @Test func tokensExpire() throws {
        let token = try fixture.web.makeToken(named: "ci", scope: .all, expiresAt: Timestamp(milliseconds: 0))
        #expect(fixture.send("GET /", ["Authorization: Bearer \(token)"]).status == 401)
    }

    @Test func onlyATokenForAllOpensServices() throws {
        let label = OriginLabel(fixture.put(record("lab"))).text
        for scope in WebScope.allCases {
            let token = try fixture.web.makeToken(named: scope.rawValue, scope: scope)
            let end = fixture.send("GET /x", ["Authorization: Bearer \(token)"], host: "\(label).localhost:8470")
            #expect((end.forwarded != nil) == (scope == .all))
        }
    }
}
