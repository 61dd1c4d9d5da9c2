import Testing
import XPMProtocol

@testable import XPMWeb

@Suite struct PathTests {
    @Test(arguments: [
        ("/services/tensorboard", ["tensorboard"], [""]),
        ("/services/tensorboard/", ["tensorboard"], ["/"]),
        ("/services/tensorboard/data/runs", ["tensorboard/data", "tensorboard"], ["/runs", "/data/runs"]),
        ("/services/a%20b/x", ["a b/x", "a b"], ["", "/x"]),
        ("/services/a//x", ["a"], ["//x"]),
        ("/services/a/b%2Fc/d", ["a"], ["/b%2Fc/d"]),
    ])
    func aPathNamesAService(path: String, ids: [String], rests: [String]) {
        let found = ServicePath(path)
        #expect(found?.ids == ids)
        #expect(found?.rests == rests)
    }

    @Test(arguments: ["/", "/services", "/services/", "/services//x", "/services/%zz", "/services/%2F/x", "/service/a"])
    func otherPathsNameNone(path: String) { #expect(ServicePath(path) == nil) }

    @Test(arguments: [
        "", "//evil.example", "/\\evil.example", "http://evil.example", "javascript:alert(1)", "/a b",
        "/a\r\nSet-Cookie: x",
        "/ä", "\\/evil", " /", "/" + String(repeating: "a", count: 9000),
    ])
    func noPathLeadsElsewhere(text: String) { #expect(LocalPath.checked(text) == "/") }

    @Test(arguments: ["/", "/a?b=//c", "/services/x/?q=%2F%2F#f", "/a//b"])
    func pathsStayAsTheyAre(text: String) { #expect(LocalPath.checked(text) == text) }

    @Test(arguments: [
        ("http://127.0.0.1:6006/services/t/", "127.0.0.1", 6006, "/services/t/"),
        ("http://[::1]:80/?token=x#y", "::1", 80, "/?token=x"), ("http://user:pw@Host:1", "host", 1, "/"),
        ("HTTPS://example.org", "example.org", nil, "/"), ("http://h?a", "h", nil, "/?a"),
    ])
    func aURLHasItsParts(url: String, host: String, port: UInt16?, path: String) {
        let address = PageAddress(url)
        #expect(address?.host == host)
        #expect(address?.port == port)
        #expect(address?.path == path)
    }

    @Test(arguments: [
        "", "x", "ftp://a/", "http:/a", "http://", "http://:80/", "http://a:0/", "http://a:99999/", "http://[::1/",
    ])
    func whatIsNoURLHasNone(url: String) { #expect(PageAddress(url) == nil) }

    @Test func thePortOfTheURLIsAskedAtBothLoopbackAddresses() {
        func backend(_ url: String?, port: Int? = nil) -> Backend {
            let record = record("t", url: url) { $0.port = port }
            return Backend(record, rules: WebRules(record))
        }
        #expect(backend("http://gpu-node:6006/").addresses == [.ipv4(port: 6006), .ipv6(port: 6006)])
        #expect(backend("http://[::1]:6006/").addresses == [.ipv6(port: 6006), .ipv4(port: 6006)])
        // A tool that took another port than it was given says so in its URL.
        #expect(backend("http://localhost:8889/", port: 8888) == .port(8889, prefersIPv6: false))
        #expect(backend(nil, port: 8888) == .port(8888, prefersIPv6: false))
        #expect(backend("https://wandb.ai/run") == .elsewhere("https://wandb.ai/run"))
        #expect(backend("https://localhost:8888/", port: 8888) == .port(8888, prefersIPv6: false))
        #expect(backend(nil) == .unknown)
    }
}
