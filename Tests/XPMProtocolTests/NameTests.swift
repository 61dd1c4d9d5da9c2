import Testing
import XPMProtocol

@Suite struct NameTests {
    @Test(arguments: [
        "a", "tensorboard", "my experiment", "größe", "实验", "🧪", "...", ".hidden", "-rf", "a\\b", "'", "\"", "100%",
        "$HOME", "~",
        "*", "20261122_101500.1", String(repeating: "x", count: 128), String(repeating: "é", count: 64),
    ]) func goodNameIsAccepted(name: String) throws {
        try Name.validate(name, of: "a service")
    }

    @Test(arguments: [
        ("", "it is empty"), (".", "it is a folder's name"), ("..", "it is a folder's name"), ("a/b", "it has a '/'"),
        ("/", "it has a '/'"),
        ("a@b", "it has a '@'"), ("a:b", "it has a ':'"), (" a", "white space"), ("a ", "white space"),
        ("\u{A0}a", "white space"),
        ("a\u{3000}", "white space"), ("a\n", "U+A"), ("a\u{0}b", "U+0"), ("\u{7F}", "U+7F"), ("\u{85}", "U+85"),
        ("a\u{202E}b", "U+202E"), ("a\u{200B}b", "U+200B"), ("a\u{FEFF}", "U+FEFF"), ("a\u{2028}b", "U+2028"),
        ("a\u{2029}b", "U+2029"),
        (String(repeating: "x", count: 129), "more than 128 bytes"),
        (String(repeating: "é", count: 65), "more than 128 bytes"),
        (String(repeating: "x", count: 1 << 20), "more than 128 bytes"),
    ]) func badNameIsRefusedWithItsFault(name: String, fault: String) throws {
        let refusal = try #require(throws: WireError.self) { try Name.validate(name, of: "a service") }
        #expect(refusal.code == .invalidName)
        #expect(refusal.message.hasPrefix("cannot use '"))
        #expect(refusal.message.contains(" as the name of a service: "))
        #expect(refusal.message.contains(fault), "\(refusal.message)")
        #expect(refusal.data["name"] == .string(name))
    }

    @Test(arguments: [
        ("a", "'a'"), ("a\nb", "'a\\u{a}b'"), ("\u{1B}[31m", "'\\u{1b}[31m'"), ("a\u{202E}b", "'a\\u{202e}b'"),
        (String(repeating: "x", count: 200), "'" + String(repeating: "x", count: 128) + "…'"),
    ]) func quotedNameIsSafeToPrint(name: String, quoted: String) {
        #expect(Name.quoted(name) == quoted)
    }
}
