import Testing

@testable import XPMDaemon

@Suite struct ProbeTargetTests {
    struct Reading: Sendable, CustomTestStringConvertible {
        var url: String
        var host: String
        var port: Int
        var path: String
        var authority: String
        var testDescription: String { url }
    }

    @Test(arguments: [
        Reading(url: "http://127.0.0.1:6006/", host: "127.0.0.1", port: 6006, path: "/", authority: "127.0.0.1:6006"),
        Reading(url: "http://localhost", host: "localhost", port: 80, path: "/", authority: "localhost"),
        Reading(
            url: "http://h:1/a%20b/%2F?x=%26&y#f", host: "h", port: 1, path: "/a%20b/%2F?x=%26&y", authority: "h:1"),
        Reading(url: "http://h?token=t", host: "h", port: 80, path: "/?token=t", authority: "h"),
        Reading(url: "http://[::1]:8888/lab", host: "::1", port: 8888, path: "/lab", authority: "[::1]:8888"),
        Reading(url: "http://[::1]", host: "::1", port: 80, path: "/", authority: "[::1]"),
        Reading(url: "http://user:word@h:2/", host: "h", port: 2, path: "/", authority: "h:2"),
        Reading(url: "http://h:65535", host: "h", port: 65535, path: "/", authority: "h:65535"),
        Reading(url: "https://h/x", host: "h", port: 443, path: "/x", authority: "h"),
        Reading(url: "HTTP://h", host: "h", port: 80, path: "/", authority: "h"),
    ])
    func urlIsRead(expected: Reading) throws {
        let target = try #require(ProbeTarget(expected.url))
        #expect(target.host == expected.host)
        #expect(target.port == expected.port)
        #expect(target.path == expected.path)
        #expect(target.authority == expected.authority)
    }

    @Test(arguments: [
        "", "localhost:80", "ftp://h", "http://", "http:///path", "http://h:0", "http://h:65536",
        "http://h:x",
        "unix:/s", "//h/", "http:// h",
    ])
    func anythingElseIsNot(url: String) { #expect(ProbeTarget(url) == nil) }
}
