import Testing

@testable import XPMCommands

@Suite struct PageCheckTests {
    /// The report about a site's page at `/`, without its port.
    private func report(
        _ answers: [String: String], sockets: [String] = [], patience: Duration = .seconds(60),
        looking: ([String]) -> Void = { _ in }
    ) throws -> CheckReport {
        let site = try ScriptedSite(answers)
        defer { site.stop() }
        let page = PageAddress(scheme: "http", authority: "tb.localhost", path: "/")
        let client = PageClient(gateway: .port(site.port), bearer: "xpm_secret", patience: patience)
        var check = PageCheck(page, client: client)
        check.run(sockets: sockets)
        looking(site.requests)
        return check.report
    }

    private func fault(
        _ answers: [String: String], sockets: [String] = [], patience: Duration = .seconds(60)
    ) throws -> CheckReport.Fault {
        let faults = try report(answers, sockets: sockets, patience: patience).faults
        #expect(faults.count == 1)
        return try #require(faults.first)
    }

    private let page = ScriptedSite.page("<script src=x.js></script>")

    @Test func aPageItsAssetsAndThoseOfItsStylesAreLoaded() throws {
        let found = try report([
            "/": ScriptedSite.page("<link rel=stylesheet href=css/a.css><img src=b.png><script src=/c.js></script>"),
            "/css/a.css": ScriptedSite.page("@import 'd.css';e{f:url(../g.woff2)}", type: "text/css"),
            "/css/d.css": ScriptedSite.page("h{i:url(data:image/png,x)}", type: "text/css"),
            "/b.png": ScriptedSite.page("", type: "image/png"), "/g.woff2": ScriptedSite.page("", type: "font/woff2"),
            "/c.js": "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n1;\r\n0\r\n\r\n",
        ])
        #expect(found.faults.isEmpty)
        #expect(found.requests == 6)
    }

    @Test func whatIsNamedTwiceIsLoadedOnce() throws {
        let found = try report([
            "/": ScriptedSite.page("<iframe src=/></iframe><img src=a><img src=./a#b>"), "/a": ScriptedSite.page(""),
        ])
        #expect(found.requests == 2)
    }

    @Test func requestsAreThoseOfABrowserThatIsSignedIn() throws {
        let cookie = "Set-Cookie: sid=1; Path=/; HttpOnly\r\nSet-Cookie: x=2\r\n"
        _ = try report(
            [
                "/": ScriptedSite.page("<script src=x.js></script>", type: "text/html", cookie),
                "/x.js": ScriptedSite.page(""),
            ]
        ) { requests in
            #expect(requests.count == 2)
            for head in requests {
                #expect(head.contains("\r\nHost: tb.localhost\r\n"))
                #expect(head.contains("\r\nAuthorization: Bearer xpm_secret\r\n"))
            }
            #expect(requests[0].contains("\r\nSec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: document\r\n"))
            #expect(requests[0].contains("\r\nAccept-Encoding: identity\r\n"))
            #expect(!requests[0].contains("Cookie"))
            #expect(requests[1].contains("\r\nSec-Fetch-Mode: no-cors\r\nSec-Fetch-Dest: script\r\n"))
            #expect(requests[1].contains("\r\nReferer: http://tb.localhost/\r\n"))
            #expect(requests[1].contains("\r\nCookie: sid=1; x=2\r\n"))
        }
    }

    @Test func aBrokenAssetIsReportedWithThePageThatNamesIt() throws {
        let found = try fault(["/": page])
        #expect(found.kind == .script)
        #expect(found.url == "http://tb.localhost/x.js")
        #expect(found.source == "http://tb.localhost/")
        #expect(found.cause == "status 404")
    }

    @Test func aMissingFontIsNoFault() throws {
        let found = try report(["/": ScriptedSite.page("<style>a{src:url(b.woff2)} c{src:url(d.ttf)}</style>")])
        #expect(found.faults.isEmpty)
        #expect(found.fonts.map(\.url) == ["http://tb.localhost/b.woff2", "http://tb.localhost/d.ttf"])
        #expect(
            found.text(named: "tb") == """
                tb: ok, 3 requests, http://tb.localhost/
                  note: a font is missing: http://tb.localhost/b.woff2 (status 404), and 1 more

                """)
    }

    @Test func aPageThatIsRefusedIsReported() throws {
        let found = try fault(["/": "HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n"])
        #expect(found == .init(kind: .page, url: "http://tb.localhost/", source: nil, cause: "status 401"))
    }

    @Test func redirectsWithinTheOriginAreFollowed() throws {
        let found = try report([
            "/": ScriptedSite.redirect("/a/b"), "/a/b": ScriptedSite.redirect("./c/"),
            "/a/c/": ScriptedSite.page("<meta http-equiv=refresh content='0;url=../d'>"),
            "/a/d": ScriptedSite.page("<img src=e>"), "/a/e": ScriptedSite.page(""),
        ])
        #expect(found.faults.isEmpty)
        #expect(found.requests == 5)
    }

    @Test func aRedirectToAnotherOriginIsAFault() throws {
        for location in ["http://127.0.0.1:6006/", "//other.localhost/x", "https://tb.localhost/"] {
            #expect(
                try fault(["/": ScriptedSite.redirect(location)]).cause.hasPrefix("it redirects to another origin: "))
        }
    }

    @Test func redirectsThatGoInACircleAreAFault() throws {
        let found = try fault(["/": ScriptedSite.redirect("/a"), "/a": ScriptedSite.redirect("/")])
        #expect(found.cause == "it redirects more than 10 times")
    }

    @Test func htmlInPlaceOfAScriptIsAFault() throws {
        let found = try fault(["/": page, "/x.js": ScriptedSite.page("<html>")])
        #expect(found.cause == "there is a page of HTML in its place")
    }

    @Test func anAddressOfThisMachineLeadsAroundTheGateway() throws {
        for address in ["http://127.0.0.1:6006/x.js", "//localhost:1/x.js", "http://other.localhost/x.js"] {
            let found = try fault(["/": ScriptedSite.page("<script src=\(address)></script>")])
            #expect(found.cause == "it leads around the gateway, to an address of this machine")
        }
    }

    @Test func whatOtherSitesHaveIsNotLoaded() throws {
        let found = try report(["/": ScriptedSite.page("<script src=https://cdn.example/a.js></script>")])
        #expect(found.faults.isEmpty)
        #expect(found.elsewhere == ["https://cdn.example/a.js"])
        #expect(found.requests == 1)
    }

    @Test(arguments: [
        ("", "the connection ended before an answer"),
        ("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nshort", "cannot read the response: "),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nz\r\n", "cannot read the response: "),
        ("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", "cannot read the response: "),
        ("hello\r\n\r\n", "cannot read the response: "),
        (String(repeating: "HTTP/1.1 100 Continue\r\n\r\n", count: 20), "it answers with interim responses only"),
    ])
    func anAnswerThatIsNotWholeIsAFault(answer: String, cause: String) throws {
        #expect(try fault(["/": page, "/x.js": answer]).cause.hasPrefix(cause))
    }

    @Test func silenceIsAFault() throws {
        let found = try fault(["/": ScriptedSite.silence], patience: .milliseconds(50))
        #expect(found.cause == "it did not answer in time")
    }

    @Test func nobodyThereIsAFault() throws {
        let site = try ScriptedSite([:])
        site.stop()
        let page = PageAddress(scheme: "http", authority: "tb.localhost", path: "/")
        var check = PageCheck(
            page, client: PageClient(gateway: .port(site.port), bearer: nil, patience: .seconds(60)))
        check.run()
        #expect(check.report.faults.map(\.cause) == ["cannot connect: Connection refused"])
    }

    private let opened = """
        HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r
        Sec-WebSocket-Accept: \(PageClient.accept)\r\n\r\n
        """

    @Test func aSocketIsOpenedAsByThePage() throws {
        let found = try report(["/": ScriptedSite.page(""), "/ws": opened], sockets: ["ws"]) { requests in
            #expect(requests.last?.contains("\r\nOrigin: http://tb.localhost\r\n") == true)
            #expect(requests.last?.contains("\r\nUpgrade: websocket\r\n") == true)
        }
        #expect(found.faults.isEmpty)
    }

    @Test(arguments: [
        ("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n", "refused with status 403"),
        (
            "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: x\r\n\r\n",
            "Sec-WebSocket-Accept is wrong"
        ),
        ("HTTP/1.1 101 Switching Protocols\r\n\r\n", "cannot read the response: "),
    ])
    func aSocketThatIsRefusedIsAFault(answer: String, cause: String) throws {
        let found = try fault(["/": ScriptedSite.page(""), "/ws": answer], sockets: ["/ws"])
        #expect(found.kind == .socket)
        #expect(found.cause.hasPrefix(cause))
    }

    @Test func aSocketsPathIsRelativeToWhereThePageIs() throws {
        let found = try report(
            ["/": ScriptedSite.redirect("/a/lab"), "/a/lab": ScriptedSite.page(""), "/a/ws": opened], sockets: ["ws"])
        #expect(found.faults.isEmpty)
        #expect(found.requests == 3)
    }

    @Test func aSocketElsewhereIsAFault() throws {
        #expect(
            try fault(["/": ScriptedSite.page("")], sockets: ["ws://other/"]).cause == "it is not on the page's origin")
    }

    @Test func aPageThatNamesEndlesslyMuchEnds() throws {
        let site = try ScriptedSite(["/": ScriptedSite.page((0..<40).map { "<img src=/a\($0)>" }.joined())])
        defer { site.stop() }
        let page = PageAddress(scheme: "http", authority: "tb.localhost", path: "/")
        let client = PageClient(gateway: .port(site.port), bearer: nil, patience: .seconds(60))
        var check = PageCheck(page, client: client, mostRequests: 20)
        check.run()
        #expect(check.report.requests == 20)
        #expect(check.report.notes == ["only the first 20 requests were made"])
    }
}
