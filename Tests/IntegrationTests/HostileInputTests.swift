import Glibc
import Testing
import XPMProtocol

/// What users and programs may write into patterns, templates and settings ends no xpmd, and keeps none from coming back.
struct HostileInputTests {
    private static func row(_ part: String, _ count: Int) -> String { String(repeating: part, count: count) }

    /// Others are answered before and after a restart, and what ran runs.
    private func expectLife(of xpmd: Instance, with steady: pid_t) throws {
        #expect(try xpmd.service("steady").pid == steady)
        try xpmd.crash()
        try xpmd.launch()
        let again = try xpmd.service("steady")
        #expect(again.pid == steady && again.state == .running)
    }

    private func steady(_ xpmd: Instance) throws -> pid_t {
        try xpmd.add("steady", ["sleep", "1000"], to: xpmd.open("lab"))
        return try #require(try xpmd.start("steady").pid)
    }

    static let templates = [
        "twice": "\"caf\u{e9}\" = 1\n\"cafe\u{301}\" = 2", "dotted": row("a.", 20_000) + "a = 1",
        "header": "[" + row("a.", 20_000) + "a]", "arrays": "x = " + row("[", 20_000) + row("]", 20_000),
        "tables": "x = " + row("{a=", 20_000) + "1" + row("}", 20_000),
        "marks": "x = '\(row("\u{301}\u{323}", 20_000))'",
        "brackets": "command = ['sleep', '9']\n[readiness.log]\npattern = '\(row("[", 20_000))'",
        "nested": "command = ['sleep', '9']\n[readiness.log]\npattern = '\(row("(", 400))\(row(")", 400))'",
        "large": row("#", 300_000),
    ]

    @Test func hostileTemplatesOnlyMakeThemselvesUnusable() throws {
        try withInstance { xpmd in
            xpmd.scratch.folder("config/templates")
            for (name, toml) in Self.templates { try xpmd.scratch.file("config/templates/\(name).toml", toml) }
            try xpmd.scratch.file("config/templates/good.toml", "command = ['sleep', '1000']")
            try xpmd.launch()
            let steady = try steady(xpmd)
            #expect(try xpmd.ctl("start", "good").code == 0)
            let listed = try xpmd.call(ListTemplates()).templates
            for name in Self.templates.keys {
                #expect(listed.first { $0.name == name }?.fault?.hasPrefix("cannot use template '\(name)'") == true)
                let refused = try xpmd.ctl("start", name)
                #expect(refused.code == 10 && refused.errors.contains("cannot use template '\(name)'"), "\(refused)")
            }
            #expect(listed.first { $0.name == "good" }.map { $0.fault == nil } == true)
            #expect(try xpmd.ctl("templates").output.contains("occurs twice"))
            try expectLife(of: xpmd, with: steady)
            #expect(try xpmd.ctl("restart", "good").code == 0)
        }
    }

    @Test func templateThatBecomesHostileLeavesItsServiceRunning() throws {
        try withInstance { xpmd in
            xpmd.scratch.folder("config/templates")
            try xpmd.scratch.file("config/templates/nap.toml", "command = ['sleep', '1000']")
            try xpmd.launch()
            #expect(try xpmd.ctl("start", "nap").code == 0)
            let pid = try #require(try xpmd.service("nap").pid)
            let steady = try steady(xpmd)
            for toml in Self.templates.values {
                try xpmd.scratch.file("config/templates/nap.toml", toml)
                try expectLife(of: xpmd, with: steady)
                #expect(try xpmd.service("nap").pid == pid)
            }
        }
    }

    static let settings = [
        "twice": "\"caf\u{e9}\" = 1\n\"cafe\u{301}\" = 2", "dotted": row("a.", 20_000) + "a = 1",
        "arrays": "x = " + row("[", 20_000) + row("]", 20_000), "large": row("#", 300_000),
        "integer": "[services]\nstarts_at_once = 9223372036854775808",
    ]

    @Test(arguments: settings.keys.sorted()) func hostileSettingsAreToldAndTheDefaultsUsed(name: String) throws {
        try withInstance { xpmd in
            try xpmd.scratch.file("config/config.toml", Self.settings[name] ?? "")
            try xpmd.launch()
            try expectLife(of: xpmd, with: steady(xpmd))
            #expect(text(of: xpmd.scratch.path + "/xpmd.log").contains("cannot use the settings in"))
        }
    }

    @Test func largestNumbersInSettingsAreUsed() throws {
        try withInstance { xpmd in
            try xpmd.scratch.file("config/config.toml", "[services]\nstarts_at_once = 9223372036854775807")
            try xpmd.launch()
            try expectLife(of: xpmd, with: steady(xpmd))
        }
    }

    static let refused: [(pattern: String, code: ErrorCode)] = [
        (row("[", 1266) + "a" + row("]", 1266), .limitExceeded), (row("(", 2190) + row(")", 2190), .limitExceeded),
        (row("(?(", 20_000), .limitExceeded), (row("a", 900_000), .limitExceeded),
        (row("(", 33) + row(")", 33), .limitExceeded), (row("(?(", 300), .invalidParameters),
        ("(?C1)a", .invalidParameters), (#"\C"#, .invalidParameters),
    ]

    @Test func hostilePatternsAreRefusedWhenTheyAreAdded() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let run = try xpmd.open("lab")
            for (pattern, code) in Self.refused {
                let readiness = Readiness(log: LogPattern(pattern))
                let error = #expect(throws: WireError.self) {
                    try xpmd.add("web", ["sleep", "1000"], to: run, readiness: readiness)
                }
                #expect(error?.code == code, "\(error?.message ?? "")")
            }
            #expect(try xpmd.list().isEmpty)
            let refused = try xpmd.ctl("add", "web", "--ready-pattern", Self.row("a", 1025), "--", "sleep", "1")
            #expect(refused.code == 10 && refused.errors.contains("1025 bytes, and the limit is 1024"), "\(refused)")
        }
    }

    @Test func costlyPatternDelaysNobody() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let run = try xpmd.open("lab")
            let end = try Tidings("end", of: xpmd)
            let line = #"head -c 8000 /dev/zero | tr '\0' a"#
            let script =
                "for i in 1 2 3 4 5 6 7 8; do \(line); echo; done; read go < \(end.path); echo ab; exec sleep 1000"
            try xpmd.addScript("slow", script, to: run, readiness: Readiness(log: LogPattern("(a+)+[bX]$")))
            let tape = try EventTape(xpmd.socket)
            try xpmd.begin("slow")
            try tape.await { $0.id == "slow" && $0.pid != nil }
            let steady = try steady(xpmd)
            try expectLife(of: xpmd, with: steady)
            try xpmd.call(StopDaemon(keepServices: true))
            #expect(try xpmd.awaitEnd() == .code(0))
            try xpmd.launch()
            #expect(!text(of: xpmd.scratch.path + "/xpmd.log").contains("ERROR: "))
            try end.letGo()
            let ready = try xpmd.wait("slow", for: .running)
            #expect(ready.notes.contains { $0.contains("its readiness pattern is too costly") }, "\(ready)")
            #expect(ready.notes.count { $0.contains("too costly") } == 1, "\(ready.notes)")
        }
    }

    /// A pattern that an earlier xpmd took is on record; this one cannot use it.
    @Test(arguments: ["brackets", "callout", "syntax", "long"])
    func patternOnRecordThatIsRefusedNowOnlyPreventsAStart(name: String) throws {
        let pattern = [
            "brackets": Self.row("[", 1266) + "a" + Self.row("]", 1266), "callout": "(?C1)a", "syntax": "(",
            "long": Self.row("(?(", 20_000),
        ][name]
        try withInstance { xpmd in
            try xpmd.launch()
            let steady = try steady(xpmd)
            try xpmd.addScript(
                "old", "echo PATTERN; exec sleep 1000", to: xpmd.open("lab"),
                readiness: Readiness(log: LogPattern("PATTERN")))
            let pid = try #require(try xpmd.start("old").pid)
            try xpmd.crash()
            let code = """
                import sqlite3, sys
                with sqlite3.connect(sys.argv[1]) as base:
                    changed = base.execute("UPDATE service SET definition = replace(definition, '\\"PATTERN\\"', ?) WHERE definition LIKE '%PATTERN%'", ['"' + sys.argv[2] + '"']).rowcount
                    assert changed == 1, changed
                """
            let edit = try ChildProcess(
                ["/usr/bin/python3", "-c", code, xpmd.state + "/xpmd.sqlite", pattern ?? ""],
                environment: xpmd.environment)
            #expect(try edit.wait() == .code(0))
            try xpmd.launch()
            try expectLife(of: xpmd, with: steady)
            #expect(try xpmd.service("old").pid == pid)
            #expect(try xpmd.service("old").state == .running)
            #expect(try xpmd.stop("old").state == .stopped)
            let refused = try xpmd.ctl("start", "old")
            #expect(refused.code == 10 && refused.errors.contains("as a readiness pattern"), "\(refused)")
            try expectLife(of: xpmd, with: steady)
        }
    }
}
