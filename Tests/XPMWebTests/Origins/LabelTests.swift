import SeededRandom
import Testing
import XPMClient
import XPMProtocol

@Suite struct LabelTests {
    private static func service(
        _ id: String, _ experiment: String = "mnist", _ run: String = "20261130_101500", in workspace: String = "/work"
    ) -> ServiceIdentity {
        ServiceIdentity(run: RunIdentity(workspace: workspace, experiment: experiment, run: run), id: id)
    }

    @Test func aLabelIsReadable() {
        let label = OriginLabel(Self.service("tensorboard")).text
        #expect(label.hasPrefix("tensorboard-mnist-20261130-101500-"))
        #expect(label.count == "tensorboard-mnist-20261130-101500-".count + 8)
    }

    @Test func aLabelIsTheSameForever() {
        // URLs and cookies go by it: this must never change.
        #expect(OriginLabel(Self.service("tensorboard")).text == "tensorboard-mnist-20261130-101500-\(suffix)")
        #expect(OriginLabel(Self.service("tensorboard"), port: "metrics").text.contains("--metrics-"))
    }

    /// Computed by Python: base64.b32encode(hashlib.sha256(b"/work\0mnist\0" + b"20261130_101500\0tensorboard").digest())[:8].lower().
    private let suffix = "seaka7xw"

    @Test func onlyNamesMakeADifference() {
        let one = OriginLabel(Self.service("a", "b", "c", in: "/d")).text
        for other in [
            Self.service("A", "b", "c", in: "/d"), Self.service("a", "B", "c", in: "/d"),
            Self.service("a", "b", "C", in: "/d"), Self.service("a", "b", "c", in: "/D"),
            Self.service("a/b", "", "c", in: "/d"), Self.service("a ", "b", "c", in: "/d"),
        ] { #expect(OriginLabel(other).text != one) }
        #expect(OriginLabel(Self.service("a", "b", "c", in: "/d"), port: "p").text != one)
    }

    @Test(arguments: [
        "", "-", "--", "xn", "xn--p1ai", "ab", "日本語", "ÄÖÜ", "a.b.c", "localhost", "\u{202E}evil", "<script>", "a/b",
        String(repeating: "x", count: 300), String(repeating: "-", count: 300), "0", "\u{0}", "🙂",
    ])
    func hostileNamesMakeHosts(name: String) {
        for identity in [
            Self.service(name), Self.service("id", name), Self.service("id", "experiment", name),
            Self.service(name, name, name, in: name),
        ] {
            Self.check(OriginLabel(identity).text)
            Self.check(OriginLabel(identity, port: "metrics").text, hasPort: true)
        }
    }

    @Test func randomNamesMakeDifferentHosts() {
        var random = SeededRandom(seed: SeededRandom.seed)
        let characters = Array("abcXYZ019-_. /@é日\u{301}%:\u{7F}")
        func name() -> String {
            String(
                (0..<Int.random(in: 0...40, using: &random)).map { _ in characters.randomElement(using: &random) ?? "a"
                })
        }
        var seen: [String: ServiceIdentity] = [:]
        for _ in 0..<5000 {
            let identity = Self.service(name(), name(), name(), in: "/" + name())
            let label = OriginLabel(identity).text
            Self.check(label)
            #expect(seen[label] == nil || seen[label] == identity, "seed \(SeededRandom.seed)")
            seen[label] = identity
        }
    }

    /// RFC 1035, 2.3.1 and RFC 5890, 2.3.1: letters, digits, single hyphens, none at the ends, and two only before a port's name.
    private static func check(_ label: String, hasPort: Bool = false) {
        #expect((10...63).contains(label.utf8.count), "\(label)")
        #expect(label.utf8.allSatisfy { "abcdefghijklmnopqrstuvwxyz0123456789-".utf8.contains($0) }, "\(label)")
        #expect(!label.hasPrefix("-") && !label.hasSuffix("-"), "\(label)")
        #expect(Array(label.utf8)[2...3] != Array("--".utf8)[...], "\(label)")
        #expect(label.contains("--") == hasPort && !label.contains("---"), "\(label)")
    }
}
