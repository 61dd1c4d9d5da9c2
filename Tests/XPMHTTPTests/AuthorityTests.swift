import Testing

@testable import XPMHTTP

@Suite struct AuthorityTests {
    private static func read(_ text: String) -> (host: String, port: UInt16?, label: String?)? {
        let bytes = Array(text.utf8)
        return bytes.withUnsafeBytes { buffer in
            Authority(ByteRange(0, bytes.count), in: buffer).map { authority in
                (
                    authority.host.text(in: buffer), authority.port,
                    authority.label(below: "localhost", in: buffer).map { $0.text(in: buffer) }
                )
            }
        }
    }

    @Test(
        arguments: [
            ("localhost", "localhost", nil, nil), ("LOCALHOST:8080", "LOCALHOST", 8080, nil),
            ("run-1.localhost:80", "run-1.localhost", 80, "run-1"),
            ("Run_1.LocalHost", "Run_1.LocalHost", nil, "Run_1"),
            ("a.b.localhost", "a.b.localhost", nil, nil), ("xlocalhost", "xlocalhost", nil, nil),
            ("localhost.", "localhost.", nil, nil), ("127.0.0.1:0", "127.0.0.1", 0, nil),
            ("[::1]:65535", "[::1]", 65535, nil),
            ("[fe80::1]", "[fe80::1]", nil, nil), ("a.localhost.example", "a.localhost.example", nil, nil),
        ] as [(String, String, UInt16?, String?)])
    func isRead(_ text: String, _ host: String, _ port: UInt16?, _ label: String?) throws {
        let read = try #require(Self.read(text))
        #expect(read.host == host && read.port == port && read.label == label)
    }

    @Test(arguments: [
        "", ":80", "a:", "a:80:80", "a:+1", "a:65536", "a:000080", "a b", "a/b", "a@b", "a%41", "[::1", "[]", "[::1]x",
        "[::1]80",
        "[g::1]", "[fe80::1%eth0]", "é", ".a", "a\u{0}", "a,b", "a;b", "http://a",
    ])
    func isNoAuthority(_ text: String) { #expect(Self.read(text) == nil) }

    @Test func labelsHave63BytesAtMost() {
        #expect(Self.read(String(repeating: "a", count: 63) + ".localhost")?.label != nil)
        #expect(Self.read(String(repeating: "a", count: 64) + ".localhost")?.label == nil)
        #expect(Self.read(String(repeating: "a", count: 256)) == nil)
    }
}
