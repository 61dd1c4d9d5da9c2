import Testing
import XPMClient
import XPMProtocol

/// Services that are started by whoever opens them.
struct WebWakeTests {
    /// Waits as the page's script does: by asking for what there is, each answer being an event.
    private func state(_ standing: String, of id: String, _ browser: Browser) throws -> String {
        let end = ContinuousClock.now + patience
        while .now < end {
            let text = try browser.fetch(id, "GET /.xpm/wait").text
            if text.contains("\"standing\":\"\(standing)\"") { return text }
        }
        throw TestFailure("waited in vain for \(id) to be \(standing)")
    }

    @Test func fiftyAtOnceAreOneStart() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let gate = try Tidings("gate", of: xpmd)
            try TestBackend.add("viewer", to: xpmd.open("lab"), of: xpmd, gate: gate)
            let web = try WebPage(of: xpmd)
            defer { web.end() }
            let browser = try web.signIn()
            let clients = try (0..<50).map { _ in try browser.connect("viewer", "GET /", Browser.navigation) }
            for client in clients {
                let page = try client.reply(to: "GET /")
                #expect(page.status == 503 && page.text.contains("Starting viewer"), "\(page.text)")
            }
            try gate.letGo()
            _ = try state("running", of: "viewer", browser)
            #expect(try browser.open("viewer").status == 200)
            #expect(try xpmd.service("viewer").starts == 1)
        }
    }

    @Test func aPostThatComesMeanwhileIsRefusedWhole() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let gate = try Tidings("gate", of: xpmd)
            try TestBackend.add("viewer", to: xpmd.open("lab"), of: xpmd, gate: gate)
            let web = try WebPage(of: xpmd)
            defer { web.end() }
            let browser = try web.signIn()
            // Nothing is started by what nobody opens.
            for line in ["GET /favicon.ico", "POST /save"] {
                #expect(try browser.fetch("viewer", line, body: line.hasPrefix("POST") ? "text" : "").status == 503)
            }
            #expect(try xpmd.service("viewer").state == .stopped)
            #expect(try browser.open("viewer").status == 503)
            let body = String(repeating: "x", count: 100_000)
            let refused = try browser.fetch("viewer", "POST /save", body: body)
            #expect(refused.status == 503 && refused.field("retry-after") != nil)
            try gate.letGo()
            _ = try state("running", of: "viewer", browser)
            #expect(TestBackend.asked("viewer", of: xpmd).isEmpty)
            #expect(try browser.fetch("viewer", "POST /save", body: body).status == 200)
            #expect(TestBackend.asked("viewer", of: xpmd) == ["POST /save 100000"])
        }
    }

    @Test func aFailureShowsItsCauseAndCanBeRetried() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let flag = xpmd.scratch.path + "/works"
            try TestBackend.add(
                "viewer", to: xpmd.open("lab"), of: xpmd,
                before: "[ -e \(flag) ] || { echo 'no module <torch>'; exit 3; }; ")
            let web = try WebPage(of: xpmd)
            defer { web.end() }
            let browser = try web.signIn()
            #expect(try browser.open("viewer").status == 503)
            #expect(try state("failed", of: "viewer", browser).contains("no module <torch>"))
            let page = try browser.open("viewer")
            #expect(page.status == 503 && page.text.contains("no module &lt;torch&gt;") && page.text.contains("Retry"))
            let json = try browser.fetch("viewer", "GET /api", ["X-XPM-Wake: 1"])
            #expect(json.status == 503 && json.text.contains("exited with code 3"), "\(json.text)")
            try xpmd.scratch.file("works", "")
            #expect(try browser.fetch("viewer", "POST /.xpm/start").status == 403)
            #expect(try browser.fetch("viewer", "POST /.xpm/start", ["X-XPM-Request: 1"]).status == 202)
            _ = try state("running", of: "viewer", browser)
            #expect(try browser.open("viewer").status == 200)
        }
    }

    @Test func whatItsUserHasStoppedStaysStopped() throws {
        try withRunningViewer { xpmd, web, browser in
            #expect(try browser.open("viewer").status == 200)
            try xpmd.stop("viewer")
            #expect(try state("held", of: "viewer", browser).contains("was stopped"))
            let page = try browser.open("viewer")
            #expect(page.status == 503 && page.text.contains("Start</button>"))
            #expect(try xpmd.service("viewer").state == .stopped)
            #expect(try xpmd.service("viewer").starts == 1)
        }
    }
}
