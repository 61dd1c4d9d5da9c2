import Glibc
import Testing
import XPMProtocol

@testable import XPMTemplates

/// What a file may hold without harm to more than itself.
@Suite struct TemplateBoundsTests {
    private static func text(_ part: String, _ count: Int) -> String { String(repeating: part, count: count) }

    static let hostile: [(toml: String, says: String)] = [
        // The two forms of é.
        ("\"caf\u{e9}\" = 1\n\"cafe\u{301}\" = 2", "occurs twice in a table, in two Unicode forms"),
        ("[environment]\n\"\\u00e9\" = '1'\n\"e\\u0301\" = '2'", "occurs twice in a table, in two Unicode forms"),
        ("[parameters.\"\u{e9}\"]\n[parameters.\"e\u{301}\"]", "occurs twice in a table, in two Unicode forms"),
        (text("a.", 20_000) + "a = 1", "line 1: a key has more than 16 parts"),
        (text("'a'.", 20_000) + "a = 1", "line 1: a key has more than 16 parts"),
        ("[" + text("a.", 20_000) + "a]", "line 1: a key has more than 16 parts"),
        ("\n[[" + text("a . ", 20_000) + "a]]", "line 2: a key has more than 16 parts"),
        ("x = {" + text("a.", 20_000) + "a = 1}", "line 1: a key has more than 16 parts"),
        ("x = " + text("[", 20_000) + text("]", 20_000), "line 1: arrays and tables are nested deeper than 32 levels"),
        ("x = " + text("{a=", 20_000) + "1" + text("}", 20_000), "line 1: arrays and tables are nested deeper"),
        ("x = " + text("[{a=", 20_000), "line 1: arrays and tables are nested deeper"),
        ("x = " + text("{a.a.a.a.a.a=", 20) + "1" + text("}", 20), "nested deeper than 32 levels"),
        ("x = '''\n'' [[ \n'''\ny = " + text("[", 40), "line 4: arrays and tables are nested deeper"),
        ("x = \"\"\"\\\"\"\"\"\ny = " + text("[", 40), "line 2: arrays and tables are nested deeper"),
        ("# it's\nx = " + text("[", 40), "line 2: arrays and tables are nested deeper"),
        (text("k", 600) + " = 1", "line 1: a key has more than 512 bytes"),
        ("'" + text("k", 600) + "' = 1", "line 1: a key has more than 512 bytes"),
        ("[" + text("k", 600) + "]", "line 1: a key has more than 512 bytes"),
        ("x = [" + text("1,", 20_000) + "]", "there are more than 2048 values"),
        (text("[[x]]\n", 20_000), "there are more than 2048 values"),
        ("x = '" + text("\u{301}\u{323}", 20_000) + "'", "more than 30 combining characters in a row"),
        ("# " + text("\u{301}\u{323}", 20_000) + " = 1", "more than 30 combining characters in a row"),
        ("x = \"{id}" + text(#"\u0301\u0323"#, 8000) + "\"", "more than 30 combining characters in a row"),
        ("\"" + text(#"\u0301\u0323"#, 20) + "\" = 1", "more than 30 combining characters in a row"),
        ("x = '" + text("a", 300) + "\n" + text("[", 20_000), "it is not TOML: line 1"),
        ("x = 2026-11-30 1 ", "line 1: a time is expected behind a date"),
        ("y = 1\nx = [2026-1_1-30 1]", "line 2: a time is expected behind a date"),
        ("x = {a = 2026-11-30 1,b = 1}", "line 1: a time is expected behind a date"),
        ("x = 2026-11-30 1# one", "line 1: a time is expected behind a date"),
        ("x = 2026-11-30 1\n", "line 1: a time is expected behind a date"),
        ("description = '" + text("a", 20_000) + "'\ncommand = ['x']", "have more than 16384 bytes"),
        (
            "command = ['x']\n[readiness.log]\npattern = '" + text("[", 20_000) + "'",
            "it has 20000 bytes, and the limit is 1024"
        ),
        (
            "command = ['x']\n[readiness.log]\npattern = '" + text("(", 400) + text(")", 400) + "'",
            "nested deeper than 32 levels"
        ),
    ]

    @Test(arguments: hostile) func hostileTemplateIsRefusedWithItsFault(toml: String, says: String) throws {
        let error = #expect(throws: WireError.self) { try Template(name: "t", toml: toml, path: "/t.toml") }
        #expect(error?.code == .invalidTemplate)
        #expect(error?.message.contains(says) == true, "\(error?.message ?? "")")
    }

    @Test(arguments: hostile.prefix(30)) func hostileSettingsAreRefusedWithTheirFault(toml: String, says: String) throws
    {
        let fault = #expect(throws: TemplateFault.self) { try Settings(toml: toml) }
        #expect(fault?.cause.contains(says) == true, "\(fault?.cause ?? "")")
    }

    @Test(arguments: [
        "'''[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[['''", #""\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[""#,
        #""a.b.c.d.e.f.g.h.i.j.k.l.m.n.o.p.q.r.s.t""#, "'\"' # [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[",
        "\"\"\"''[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\"\"\"\"\"", "'e\u{301}'", "'\u{1112}\u{1161}\u{11ab}'",
    ])
    func textMayHoldWhatWouldBeOverALimitElsewhere(value: String) throws {
        _ = try Template(name: "t", toml: "command = ['x']\ndescription = \(value)", path: "/t.toml")
    }

    @Test(arguments: [
        "a = [}", "a = [1, }]", "a = {b = 1]", "a = [\u{2028}]", "a = [\u{85}}", "\u{a0}[a]", "é = 1", "a = é", "]",
        "[= x", "[\n", "[[\n", "[ \t=]", "[[,]]", "[#", "[.a]", "[é]", "[[[a]]]", "[ [a]]", "[\r\n", "\n\n[{}]",
    ])
    func whatTheParserTakesForImpossibleIsRefused(text: String) {
        let error = #expect(throws: WireError.self) {
            try Template(name: "t", toml: "command = ['x']\n" + text, path: "/t.toml")
        }
        #expect(error?.code == .invalidTemplate)
    }

    @Test(arguments: ["[ environment ]", "[\t'environment']", "[\"environment\"]", "[environment]\na = '''\n[= x'''"])
    func headerMayHaveBlanksAndQuotes(text: String) throws {
        _ = try Template(name: "t", toml: "\u{feff}command = ['x']\n" + text, path: "/t.toml")
    }

    @Test func valuesMultiplyOnlyUpToALimit() throws {
        let toml = "command = ['x', '" + Self.text("{big}", 2000) + "']\n[parameters.big]\nrequired = true"
        let template = try Template(name: "t", toml: toml, path: "/t.toml")
        let small = try template.render(id: "t", parameters: ["big": "12345"], folder: "/")
        #expect(small.arguments[1].utf8.count == 10_000)
        let big = JSONValue.string(Self.text("x", 100_000))
        let error = #expect(throws: WireError.self) {
            try template.render(id: "t", parameters: ["big": big], folder: "/")
        }
        #expect(error?.code == .limitExceeded)
        #expect(error?.data["given"] == .integer(200_000_001) && error?.data["limit"] == .integer(1 << 20))
        let hook =
            "command = ['x']\non_failure = ['" + Self.text("{big}", 2000) + "']\n[parameters.big]\nrequired = true"
        #expect(throws: WireError.self) {
            try Template(name: "t", toml: hook, path: "/t.toml").render(id: "t", parameters: ["big": big], folder: "/")
        }
    }

    @Test func faultIsShortWhateverTheFileSays() throws {
        let toml = "command = ['" + Self.text("a", 100_000) + "{']"
        let error = #expect(throws: WireError.self) { try Template(name: "t", toml: toml, path: "/t.toml") }
        #expect((error?.message.utf8.count ?? .max) < 1200)
    }

    @Test func largestFileTakesLittleTime() throws {
        let toml =
            "command = ['x']\n[environment]\n" + (0..<1000).map { "v\($0) = '\(Self.text("x", 200))'\n" }.joined()
        #expect(toml.utf8.count > 200_000)
        // Of the processor's time, which others do not add to; what grows with the square takes minutes.
        let begin = nanoseconds(CLOCK_THREAD_CPUTIME_ID)
        _ = try Template(name: "t", toml: toml, path: "/t.toml")
        let seconds = (nanoseconds(CLOCK_THREAD_CPUTIME_ID) - begin) / 1_000_000_000
        #expect(seconds < 20)
    }
}

private func nanoseconds(_ clock: clockid_t) -> Int {
    var time = timespec()
    clock_gettime(clock, &time)
    return time.tv_sec * 1_000_000_000 + time.tv_nsec
}
