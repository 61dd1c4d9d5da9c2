import Testing
import XPMClient
import XPMProtocol

/// What goes on at the web page while xpmd does not.
struct WebLostDaemonTests {
    /// A WebSocket's text frame as clients send it, masked by zeros.
    private func frame(_ text: String) -> [UInt8] { [0x81, 0x80 | UInt8(text.utf8.count), 0, 0, 0, 0] + text.utf8 }

    @Test func connectionsOutliveXpmd() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            try TestBackend.add("viewer", to: xpmd.open("lab"), of: xpmd)
            let before = try xpmd.start("viewer")
            let web = try WebPage(of: xpmd)
            defer { web.end() }
            let browser = try web.signIn()

            let download = try browser.connect("viewer", "GET /large")
            #expect(try download.head().status == 200)
            #expect(try download.read(1 << 20) == Array(repeating: 0, count: 1 << 20))
            let socket = try browser.connect(
                "viewer", "GET /socket",
                [
                    "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13",
                    "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
                ])
            #expect(try socket.head().status == 101)
            let events = try browser.connect("viewer", "GET /events")
            #expect(try events.head().status == 200)
            _ = try events.read(until: "data: begin\n\n")

            var part: UInt8 = 1
            func goOn(_ tick: Int) throws {
                #expect(try download.read(1 << 20) == Array(repeating: part, count: 1 << 20))
                part += 1
                try socket.write(frame("tick \(tick)"))
                #expect(String(decoding: try socket.read(2 + 6).dropFirst(2), as: UTF8.self) == "tick \(tick)")
                // A new request, and what another connection hears of it.
                #expect(try browser.fetch("viewer", "GET /tick").status == 200)
                _ = try events.read(until: "data: \(tick)\n\n")
            }
            try goOn(1)
            try xpmd.crash()
            try goOn(2)
            try xpmd.launch()
            try goOn(3)
            let connection = try xpmd.connect()
            _ = try connection.call(ReexecDaemon(), timeout: patience)
            try goOn(4)
            #expect(connection.waitForEnd(timeout: patience))
            try goOn(5)
            for left in part..<64 { #expect(try download.read(1 << 20) == Array(repeating: left, count: 1 << 20)) }
            #expect(try xpmd.service("viewer").pid == before.pid)
        }
    }

    @Test func itBeginsWithoutXpmdAndFindsItLater() throws {
        try withInstance { xpmd in
            let web = try WebPage(of: xpmd)
            defer { web.end() }
            let browser = try web.signIn()
            #expect(
                try HTTPClient.send("GET /services/viewer/", ["Cookie: \(browser.cookie)"], port: web.port).status
                    == 404)
            try xpmd.launch()
            try TestBackend.add("viewer", to: xpmd.open("lab"), of: xpmd)
            try xpmd.start("viewer")
            let end = ContinuousClock.now + patience
            func status() throws -> Int {
                try HTTPClient.send("GET /services/viewer/", ["Cookie: \(browser.cookie)"], port: web.port).status
            }
            while try status() == 404, .now < end {}
            while try browser.open("viewer").status != 200, .now < end {}
            #expect(try browser.open("viewer").status == 200)
        }
    }
}
