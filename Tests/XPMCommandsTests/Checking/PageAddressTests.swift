import Testing

@testable import XPMCommands

@Suite struct PageAddressTests {
    private let page = PageAddress(
        scheme: "http", authority: "tb.localhost:8080", path: "/services/tb/index.html", query: "a=1")

    /// RFC 3986, 5.4, and what browsers make of blanks and backslashes.
    @Test(arguments: [
        ("x.js", "/services/tb/x.js"), ("./x.js", "/services/tb/x.js"), ("../x.js", "/services/x.js"),
        ("../../../x", "/x"), ("/x", "/x"), ("?b=2", "/services/tb/index.html?b=2"), ("x?", "/services/tb/x?"),
        (".", "/services/tb/"), ("..", "/services/"), ("/a/./b/../c", "/a/c"), ("a%2Fb", "/services/tb/a%2Fb"),
        ("/a//b", "/a//b"), ("%2e%2E/x", "/services/x"), ("x#part", "/services/tb/x"), (" x \n", "/services/tb/x"),
        ("a\\b?c\\d", "/services/tb/a/b?c\\d"), ("a b", "/services/tb/a%20b"), ("/ä", "/%C3%A4"),
        ("x?to=http://a:b@c", "/services/tb/x?to=http://a:b@c"),
    ])
    func resolvesRelativeAddresses(text: String, expected: String) throws {
        let address = try #require(page.resolve(text))
        #expect(address.target == expected)
        #expect(address.hasOrigin(of: page))
    }

    @Test(arguments: [
        ("//other:1/x", "http://other:1/x"), ("https://CDN.example/x?y", "https://cdn.example/x?y"),
        ("http://u:p@h/x", "http://h/x"), ("wss://h", "https://h/"), ("ws://h/x", "http://h/x"),
        ("http://h?x", "http://h/?x"),
    ])
    func resolvesAddressesOfOtherOrigins(text: String, expected: String) throws {
        let address = try #require(page.resolve(text))
        #expect(address.text == expected)
        #expect(!address.hasOrigin(of: page))
    }

    @Test(arguments: [
        "", "#top", "data:text/css,x", "javascript:void(0)", "blob:http://x/y", "mailto:a@b", "http://", "  ",
    ])
    func loadsNothingForOtherTexts(text: String) { #expect(page.resolve(text) == nil) }

    @Test func knowsAddressesOfThisMachine() throws {
        for local in [
            "http://127.0.0.1:1/", "http://localhost/", "http://a.localhost:2/", "http://[::1]:3/", "http://0.0.0.0/",
        ] {
            #expect(try #require(PageAddress(local)).isLocal, "\(local)")
        }
        for other in ["http://example.org/", "http://localhost.example.org/", "https://fonts.example/"] {
            #expect(try #require(PageAddress(other)).isLocal == false, "\(other)")
        }
    }
}
