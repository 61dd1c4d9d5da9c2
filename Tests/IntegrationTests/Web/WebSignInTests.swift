import Glibc
import Testing
import XPMClient
import XPMProtocol

/// Who comes in at the real xpm-web, beside a real xpmd.
struct WebSignInTests {
    @Test func aBrowserSignsInAndReachesAServiceAtItsOwnOrigin() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            try TestBackend.add("viewer", to: xpmd.open("lab"), of: xpmd)
            try xpmd.start("viewer")
            let web = try WebPage(of: xpmd)
            defer { web.end() }
            #expect(try HTTPClient.send("GET /", Browser.navigation, port: web.port).status == 401)
            let browser = try web.signIn()
            let host = try browser.host("viewer")
            #expect(host.hasPrefix("viewer-lab-r1-") && host.hasSuffix(".localhost:\(web.port)"))
            let page = try browser.open("viewer", "/a%2Fb//c?x=")
            #expect(page.status == 200 && page.text.hasPrefix("GET /a%2Fb//c?x=\n"))
            #expect(page.text.contains("X-Forwarded-Host: \(host)"))
            #expect(!page.text.contains("__Host-xpm"))
            // No log has a secret.
            let log = text(of: xpmd.scratch.path + "/web.log")
            #expect(!log.contains(browser.cookie.drop { $0 != "=" }.dropFirst()))
        }
    }

    @Test func aRestartOfTheWebPageSignsNobodyOut() throws {
        try withRunningViewer { xpmd, web, browser in
            #expect(try browser.open("viewer").status == 200)
            try web.restart()
            #expect(WebAccess(stateFolder: xpmd.state).port == web.port)
            #expect(try browser.open("viewer").status == 200)
        }
    }

    @Test func whoHasItsPortIsNamedAndSessionsAreVoid() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let web = try WebPage(of: xpmd)
            defer { web.end() }
            let browser = try web.signIn()
            #expect(try WebPage.fail(xpmd).errors.contains("another xpm-web runs"))
            web.process.kill()
            let told = try Tidings("told", of: xpmd)
            let script = """
                import signal, socket
                held = socket.create_server(("127.0.0.1", \(web.port)))
                open("\(told.path)", "w").write("bound\\n")
                signal.pause()
                """
            let holder = try ChildProcess(["python3", "-c", script], environment: xpmd.environment)
            #expect(try told.line() == "bound")
            let failed = try WebPage.fail(xpmd)
            #expect(failed.ending == .code(69))
            #expect(
                failed.errors.contains("port \(web.port): 'python3' (process \(holder.pid)) has it"), "\(failed.errors)"
            )
            holder.kill()
            try web.restart()
            func status(_ cookie: String) throws -> Int {
                try HTTPClient.send("GET /", ["Cookie: \(cookie)"], port: web.port).status
            }
            #expect(try status(browser.cookie) == 401)
            #expect(try status(web.signIn().cookie) == 200)
        }
    }

    /// Hostile combinations of Host, Origin and Sec-Fetch-Site, by a browser that is signed in, over a socket.
    @Test func hostileRequestsReachNoService() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let run = try xpmd.open("lab")
            for id in ["viewer", "other"] {
                try TestBackend.add(id, to: run, of: xpmd)
                try xpmd.start(id)
            }
            let web = try WebPage(of: xpmd)
            defer { web.end() }
            let browser = try web.signIn()
            let (host, other) = (try browser.host("viewer"), try browser.host("other"))
            let (own, theirs) = (try browser.cookie(at: host), try browser.cookie(at: other))
            let socket = [
                "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13",
                "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
            ]
            let before = TestBackend.asked("viewer", of: xpmd)
            for (fields, status) in [
                (["Host: evil.example"], 421), (["Host: evil.example:\(web.port)"], 421),
                (["Host: localhost.evil.example"], 421),
                (["Origin: http://\(other)"], 403), (["Origin: null"], 403),
                (["Origin: http://localhost:\(web.port)"], 403),
                (["Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: no-cors"], 403),
                (["Sec-Fetch-Site: same-site", "Sec-Fetch-Mode: cors"], 403),
                (["Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: websocket"], 403),
            ] {
                for more in [[], socket] {
                    let reply = try HTTPClient.send(
                        "GET /x", ["Cookie: \(own)"] + fields + more, port: web.port, host: host)
                    #expect(reply.status == status, "\(fields)")
                }
            }
            for cookie in ["Cookie: \(theirs)", "Cookie: \(browser.cookie)", "Cookie: a=b", "X: y"] {
                for more in [[], socket] {
                    #expect(
                        try HTTPClient.send("GET /x", [cookie] + more, port: web.port, host: host).status == 401,
                        "\(cookie)")
                }
            }
            #expect(TestBackend.asked("viewer", of: xpmd) == before)
        }
    }

    @Test func aCookieOfASiblingDisplacesNothing() throws {
        try withRunningViewer { xpmd, web, browser in
            let host = try browser.host("viewer")
            let own = try browser.cookie(at: host)
            let name = own.prefix { $0 != "=" }
            for injected in [
                "\(name.dropFirst(7))=x; \(own)", "\(own); \(name.dropFirst(7))=x", "__host-xpm=x; \(own); a=b",
            ] {
                let reply = try HTTPClient.send("GET /x", ["Cookie: \(injected)"], port: browser.web.port, host: host)
                #expect(reply.status == 200 && !reply.text.contains(own), "\(injected)")
            }
        }
    }
}
