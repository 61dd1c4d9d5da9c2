import SeededRandom
import Testing
import XPMClient
import XPMProtocol

@testable import XPMMonitor

@Suite struct ScreenTests {
    private static let services = [
        Samples.service("tensorboard", place: 1) { $0.url = "http://localhost:6006/" },
        Samples.service("monitoring", .error, place: 2) { $0.error = "exited with code 3" },
        Samples.service("monitoring/wandb", .stopped, place: 3),
    ]

    @Test func aRunShowsItsServicesWithStateAndURLOrError() {
        var state = Samples.monitor(Self.services)
        state.hit(.enter)
        let lines = state.draw().text.split(separator: "\n").map(String.init)
        #expect(lines[0].hasPrefix(" 1 Experiments  2 Services (1)"))
        #expect(lines[1].contains("ID") && lines[1].contains("STATE") && lines[1].contains("URL"))
        #expect(
            lines[2].contains("tensorboard") && lines[2].contains("● RUNNING")
                && lines[2].contains("http://localhost:6006/"))
        #expect(
            lines[3].contains("monitoring") && lines[3].contains("✗ ERROR") && lines[3].contains("⚠ exited with code 3")
        )
        #expect(lines[4].contains("↳ wandb") && lines[4].contains("○ STOPPED"))
    }

    @Test func runsAreShownWithTheNewestFirstAndTheirCounts() {
        let old = Samples.service("a", .stopped, in: Samples.run("lab", "r1"))
        let new = Samples.service("a", in: Samples.run("lab", "r2"))
        let state = Samples.monitor([old, new])
        let text = state.draw().text
        let (first, second) = (text.firstRange(of: "r2"), text.firstRange(of: "r1"))
        #expect(
            first != nil && second != nil
                && (first?.lowerBound ?? text.endIndex) < (second?.lowerBound ?? text.startIndex))
        #expect(text.contains("● 1 running") && text.contains("○ 1 stopped"))
    }

    @Test(arguments: [(80, 24), (40, 12), (200, 50), (20, 5), (1, 1), (3, 2)])
    func everySizeShowsWhatIsSelected(_ columns: Int, _ rows: Int) {
        var state = Samples.monitor(Self.services, columns: columns, rows: rows)
        state.hit(.enter, .down, .character("d"))
        let canvas = state.draw()
        #expect(canvas.columns == columns && canvas.rows == rows)
        if columns >= 40 { #expect(canvas.text.contains("monitoring") && canvas.text.contains("ERROR")) }
        for key in [
            Key.character("?"), .escape, .character(":"), .escape, .character("f"), .escape, .control("d"), .escape,
        ] {
            state.hit(key)
            #expect(state.draw().rows == rows)
        }
    }

    @Test func withoutUnicodeEverythingIsASCII() {
        var state = Samples.monitor(
            Self.services + [Samples.service("日本語", place: 9) { $0.description = "café" }], isUnicode: false)
        state.hit(.enter, .character("d"))
        for keys in [[Key.character("?")], [.escape, .character(":")], [.escape, .character("f")]] {
            for key in keys { state.hit(key) }
            #expect(state.draw().text.unicodeScalars.allSatisfy { $0.isASCII })
        }
    }

    @Test func namesOfAnyScriptKeepTheColumns() {
        let names = ["日本語のサービス", "e\u{301}e\u{301}", "שלום", "مرحبا", "👩‍🔬lab", "plain"]
        var state = Samples.monitor(names.enumerated().map { Samples.service($1, place: Int64($0)) })
        state.hit(.enter)
        let canvas = state.draw()
        let columns = (2..<8).compactMap { row in (0..<80).first { canvas[row, $0].text == "●" } }
        #expect(columns.count == 6 && Set(columns).count == 1, "\(columns)")
    }

    @Test func nothingForeignReachesTheScreenAsACommand() {
        let evil = "\u{1b}]0;x\u{7}\u{1b}[2J\r\n\u{9b}31m\u{202e}"
        var state = Samples.monitor([
            Samples.service("a" + evil, .error) { ($0.description, $0.error, $0.url) = (evil, evil, evil) }
        ])
        _ = state.update(.told(Notice(text: evil, isFailure: true, lines: [evil])))
        for keys in [[Key.enter], [.character("d")], [.control("d")]] {
            for key in keys { state.hit(key) }
            let canvas = state.draw()
            for row in 0..<canvas.rows {
                for column in 0..<canvas.columns {
                    for scalar in canvas[row, column].text.unicodeScalars { #expect(!ForeignText.isControl(scalar)) }
                }
            }
        }
        #expect(state.hit(.escape, .escape, .character("u")).isEmpty)
    }

    @Test func aFailureIsToldWithItsLastLinesAndTheHighlightStays() {
        var state = Samples.monitor([Samples.service("a", place: 1), Samples.service("b", place: 2)])
        state.hit(.character("2"))
        #expect(state.highlighted == "a")
        let failed = Samples.service("b", .error, place: 2) { $0.error = "exited with code 3" }
        #expect(state.update(.changes([.serviceChanged(failed)])) == [.readLastLines(failed.identity)])
        _ = state.update(.lastLines(failed.identity, ["Traceback", "ImportError: no tensorboard"]))
        let text = state.draw().text
        #expect(text.contains("! lab@r1:b failed: exited with code 3") && text.contains("ImportError: no tensorboard"))
        #expect(state.highlighted == "a")
    }

    @Test func manyFailuresReadOneLogAtATime() {
        var state = Samples.monitor((0..<50).map { Samples.service("s\($0)", place: Int64($0)) })
        let effects = state.update(
            .changes((0..<50).map { .serviceChanged(Samples.service("s\($0)", .error, place: Int64($0))) }))
        #expect(effects.count == 1)
    }

    @Test func movingFetchesNothing() {
        var state = Samples.monitor((0..<50).map { Samples.service("s\($0)", place: Int64($0)) })
        state.hit(.character("2"))
        #expect(state.hit(.down, .down, .pageDown, .end, .up).isEmpty)
    }

    @Test func removalIsAskedForAndGarbageIsNoAnswer() {
        var state = Samples.monitor([Samples.service("a")])
        state.hit(.character("2"))
        #expect(state.hit(.control("d")).isEmpty)
        #expect(state.update(.input(.paste("y"))).isEmpty)
        #expect(state.hit(.enter, .character(" "), .control("s")).isEmpty)
        #expect(state.hit(.character("y")) == [.ask(Request(verb: .remove, service: Samples.service("a").identity))])
    }

    @Test func markedServicesAreAskedTogether() {
        var state = Samples.monitor((0..<4).map { Samples.service("s\($0)", place: Int64($0)) })
        state.hit(.character("2"), .character(" "), .down, .character(" "))
        let effects = state.hit(.control("k"))
        #expect(effects == ["s0", "s2"].map { .ask(Request(verb: .stop, service: Samples.service($0).identity)) })
    }

    @Test func thePaletteFindsActionsByName() {
        var state = Samples.monitor([Samples.service("a")])
        state.hit(.character("2"), .character(":"))
        state.type("rest")
        #expect(state.hit(.enter) == [.ask(Request(verb: .restart, service: Samples.service("a").identity))])
    }

    @Test func onlyWebAddressesAreOpenedAndCopied() {
        for (url, isOne) in [
            ("http://localhost:1/", true), ("https://x/", true), ("file:///etc/passwd", false), ("--help", false),
            ("http://a b", false),
        ] {
            var state = Samples.monitor([Samples.service("a") { $0.url = url }])
            state.hit(.character("2"))
            #expect(state.hit(.character("o")) == (isOne ? [.open(url)] : []), "\(url)")
            #expect(state.hit(.character("u")) == (isOne ? [.copy(url)] : []), "\(url)")
        }
    }

    @Test func whileTheDaemonIsAwayItSaysSoAndKeepsItsRows() {
        var state = Samples.monitor(Self.services)
        state.hit(.enter)
        _ = state.update(.changes([.connectionChanged(.reconnecting(reason: "gone"))]))
        #expect(state.draw().text.contains("reconnecting") && state.draw().text.contains("tensorboard"))
        _ = state.update(.changes([.connectionChanged(.live)]))
        #expect(!state.draw().text.contains("reconnecting"))
    }

    @Test func detailsAreAskedForOnlyWhileTheyAreShownAndOnlyForOne() {
        var state = Samples.monitor((0..<4).map { Samples.service("s\($0)", place: Int64($0)) }, columns: 120, rows: 30)
        state.hit(.character("2"))
        #expect(state.hit(.character("d")) == [.watchDetail(Samples.service("s0").identity)])
        #expect(state.hit(.down) == [.watchDetail(Samples.service("s1").identity)])
        var facts = DetailFacts(usage: UsageReport(memoryBytes: 3 << 30, cpuSeconds: 10))
        facts.tail = ["the last line"]
        _ = state.update(.detail(Samples.service("s1").identity, facts, at: 1000))
        facts.usage?.cpuSeconds = 11
        _ = state.update(.detail(Samples.service("s1").identity, facts, at: 3000))
        let text = state.draw().text
        #expect(text.contains("memory 3.0 GiB") && text.contains("CPU 50 %") && text.contains("the last line"))
        #expect(state.hit(.character("d")) == [.watchDetail(nil)])
    }

    @Test func graphicsMemoryIsAddedUpOverTheProcessesOfAService() {
        let table = "10, 100\n11, 28\nbad\n12, 7\n"
        #expect(GraphicsMemory.sum(table) { $0 != 12 } == 128 << 20)
    }

    @Test(arguments: 0..<10) func anyKeysAndChangesAtAnySizeDrawSomething(_ seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var state = Samples.monitor(Self.services)
        let keys =
            Action.allCases.flatMap { state.keymap[$0] } + [.enter, .escape, .character("x"), .backspace, .unknown]
        for step in 0..<2000 {
            state.hit(keys.randomElement(using: &random) ?? .up)
            if step % 5 == 0 {
                let place = Int64.random(in: 0..<6, using: &random)
                let service = Samples.service(
                    "s\(place)", ServiceState.allCases.randomElement(using: &random) ?? .error, place: place)
                _ = state.update(
                    .changes([Bool.random(using: &random) ? .serviceAdded(service) : .serviceRemoved(service.identity)])
                )
            }
            if step % 20 == 0 {
                _ = state.update(
                    .resized(
                        columns: Int.random(in: 1..<160, using: &random), rows: Int.random(in: 1..<50, using: &random)))
            }
            let canvas = state.draw()
            #expect(canvas.columns == state.columns && canvas.rows == state.rows, "seed \(seed)")
        }
    }
}
