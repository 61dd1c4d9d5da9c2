import SeededRandom
import Testing

@testable import XPMCommands

@Suite struct PageReferencesTests {
    private func markup(_ text: String) -> [String] {
        MarkupReferences(Array(text.utf8)[...], limit: 100).found.map { "\($0.kind.rawValue) \($0.text)" }
    }

    private func style(_ text: String) -> [String] {
        StyleReferences(Array(text.utf8)[...], limit: 100).found.map { "\($0.kind.rawValue) \($0.text)" }
    }

    @Test(arguments: [
        ("<script src=a.js></script>", ["script a.js"]),
        ("<SCRIPT async SRC = 'a.js' >x</Script><img src=\"b.png\">", ["script a.js", "image b.png"]),
        ("<link rel=stylesheet href=a.css><link rel='shortcut icon' href=b.ico>", ["style a.css", "icon b.ico"]),
        ("<link rel=preload as=font href=a><link rel=modulepreload href=b>", ["font a", "script b"]),
        (
            "<link rel=manifest href=m><link rel=canonical href=c><link rel='alternate stylesheet' href=d>",
            ["manifest m"]
        ),
        ("<img src=a srcset='b 1x, c 2x'><source src=d>", ["image a", "image b", "image c", "media d"]),
        (
            "<video src=a poster=b></video><audio src=c><iframe src=d></iframe>",
            ["media a", "image b", "media c", "frame d"]
        ),
        ("<div style='background:url(a.png)'><style>b{src:url(c.woff2)}</style>", ["image a.png", "font c.woff2"]),
        ("<a href=x>y</a><base href=/z/><form action=w>", []),
        ("<!-- <img src=a> --><title><img src=b></title><noscript><img src=c></noscript>", []),
        ("<script>'<img src=a>'</script><template><img src=b></template><textarea><img src=c></textarea>", []),
        ("<img src='a?b=1&amp;c=2&#47;&#x2F;&unknown;&'>", ["image a?b=1&c=2//&unknown;&"]),
        ("<img src=a/><img/src=b><img src=><img src", ["image a/", "image b"]),
        ("a < b <3 </p><img src=a", ["image a"]), ("<script src=a", ["script a"]), ("<!--<img src=a>", []),
    ])
    func findsWhatAPageLoads(text: String, expected: [String]) { #expect(markup(text) == expected) }

    @Test(arguments: [
        ("a{b:url(c.png)}", ["image c.png"]), ("a{b:URL( 'c.png' )}", ["image c.png"]),
        ("@import 'a.css';@import url(b.css);@IMPORT url(\"c.css\")", ["style a.css", "style b.css", "style c.css"]),
        ("/* url(a) */b{c:'url(d)'}", []), ("a{src:url(f.TTF?v=1#x) format('truetype')}", ["font f.TTF?v=1#x"]),
        ("a{b:url(c\\)d.png)}", ["image c)d.png"]), ("a{b:url(", []), ("@import", []), ("a{b:url()}", []), ("/*", []),
    ])
    func findsWhatAStyleSheetLoads(text: String, expected: [String]) { #expect(style(text) == expected) }

    @Test func baseAndRefreshAreFound() {
        let text = "<base href=/a/><base href=/b/><meta http-equiv=Refresh content=\"0; URL='next/'\">"
        let found = MarkupReferences(Array(text.utf8)[...], limit: 10)
        #expect(found.base == "/a/")
        #expect(found.refresh == "next/")
    }

    @Test func findsNoMoreThanItsLimit() {
        let text = String(repeating: "<img src=a><b style='c:url(d)'>", count: 100)
        #expect(MarkupReferences(Array(text.utf8)[...], limit: 7).found.count == 7)
    }

    @Test func readsAnyBytes() {
        let words: [String] = [
            "<", ">", "<script", "</script", "<style>", "<!--", "-->", "=", "'", "\"", "/", " ", "src", "url(", ")",
            "\\", "@import",
            "&#", ";", "img", "\u{0}", "ä",
        ]
        var random = SeededRandom(seed: 7)
        for _ in 0..<2000 {
            let text = (0..<Int.random(in: 0..<40, using: &random)).map { _ in words.randomElement(using: &random) ?? ""
            }
            let bytes = Array(text.joined().utf8)[...]
            #expect(MarkupReferences(bytes, limit: 50).found.count <= 50)
            #expect(StyleReferences(bytes, limit: 50).found.count <= 50)
        }
    }
}
