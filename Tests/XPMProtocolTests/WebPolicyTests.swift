import Testing
import XPMProtocol

/// What may stand in `web`, and the prefix that is made of an id.
@Suite struct WebPolicyTests {
    @Test(arguments: [
        ("tensorboard", "/services/tensorboard"), ("monitoring/wandb", "/services/monitoring/wandb"),
        ("a b", "/services/a%20b"), ("é%?#", "/services/%C3%A9%25%3F%23"), ("A-z_0.9~", "/services/A-z_0.9~"),
    ])
    func prefixIsThePercentEncodedId(id: String, prefix: String) { #expect(WebPrefix.path(of: id) == prefix) }

    @Test(arguments: ["a", "metrics", "api-2", "9", "a-b-c", "abcdefghijklmnopqrst"])
    func namesOfPortsStandInNamesOfOrigins(name: String) { #expect(WebPolicy.isPortName(name)) }

    @Test(arguments: ["", "-", "-a", "a-", "a--b", "A", "a_b", "a.b", "é", "abcdefghijklmnopqrstu"])
    func otherNamesOfPortsAreRefused(name: String) {
        #expect(!WebPolicy.isPortName(name) && WebPolicy(ports: [name: 0]).fault?.key == "ports")
    }

    @Test func whatTheProtocolHasIsTaken() {
        for host in ["keep", "backend", "localhost:8080", "[::1]:80"] { #expect(WebPolicy(host: host).fault == nil) }
        for origin in ["keep", "backend", "remove", "http://localhost:80", "https://a.b"] {
            #expect(WebPolicy(origin: origin).fault == nil)
        }
        #expect(WebPolicy(path: "/lab?a=b&c=%20").fault == nil && WebPolicy(ports: ["a": 65535]).fault == nil)
    }

    @Test(arguments: [
        (WebPolicy(host: ""), "host"), (WebPolicy(host: "a b"), "host"), (WebPolicy(host: "a\r\nX: y"), "host"),
        (WebPolicy(origin: "null"), "origin"), (WebPolicy(origin: "http://"), "origin"),
        (WebPolicy(origin: "http://a/b"), "origin"), (WebPolicy(path: ""), "path"), (WebPolicy(path: "lab"), "path"),
        (WebPolicy(path: "//evil.example/"), "path"), (WebPolicy(path: "/\\evil.example"), "path"),
        (WebPolicy(path: "/a b"), "path"), (WebPolicy(path: "/a\r\nSet-Cookie: b"), "path"),
        (WebPolicy(ports: ["a": -1]), "ports.a"), (WebPolicy(ports: ["a": 65536]), "ports.a"),
        (WebPolicy(socket: ""), "socket"), (WebPolicy(socket: "a\0b"), "socket"),
    ])
    func whatCouldForgeARequestIsRefused(policy: WebPolicy, key: String) { #expect(policy.fault?.key == key) }
}
