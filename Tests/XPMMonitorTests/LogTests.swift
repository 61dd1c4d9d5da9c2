import SeededRandom
import Testing
import XPMClient
import XPMProtocol

@testable import XPMMonitor

@Suite struct LogTests {
    private static func entry(
        _ text: String, _ microseconds: Int64 = 0, stream: ServiceLogs.Stream = .stdout,
        _ change: (inout ServiceLogs.Entry) -> Void = { _ in }
    ) -> ServiceLogs.Entry {
        var entry = ServiceLogs.Entry(stream, attempt: 1, microseconds: microseconds, text: text)
        change(&entry)
        return entry
    }

    private static func view(_ services: Int = 1) -> LogView {
        let identities = (0..<services).map { Samples.service("s\($0)").identity }
        return LogView(LogQuery(services: identities), generation: 1)
    }

    /// A monitor that shows the log of a service with these lines.
    private static func monitor(_ lines: [ServiceLogs.Entry], columns: Int = 40, rows: Int = 10) -> MonitorState {
        var state = Samples.monitor([Samples.service("tensorboard")], columns: columns, rows: rows)
        state.hit(.character("2"))
        guard case .readLog(let read)? = state.hit(.character("l")).last else { return state }
        _ = state.update(.log(read, .success(ServiceLogs.Page(lines, cursor: "c"))))
        return state
    }

    // MARK: Lines

    @Test(arguments: [
        ("plain", "plain"), ("a\tb", "a       b"), ("漢\tb", "漢      b"), ("10%\r20%\r30%", "30%"), ("done\r", "done"),
        ("\u{1b}[31mred\u{1b}[0m", "red"), ("\u{1b}[2J\u{1b}[Hx", "x"), ("\u{1b}]52;c;aGk=\u{7}", "^[]52;c;aGk=^G"),
        ("\u{7f}\u{1}", "^?^A"), ("\u{202e}x", "\\u{202e}x"), ("\u{9b}31m", "\\u{9b}31m"),
    ]) func whatATerminalWouldTakeForACommandIsLeftOutOrVisible(_ raw: String, _ shown: String) {
        #expect(LogLine(Self.entry(raw), source: 0).text == shown)
    }

    @Test func colorsAreKept() {
        let line = LogLine(Self.entry("a\u{1b}[1;31mb\u{1b}[38;5;208mc\u{1b}[48;2;1;2;3md\u{1b}[me"), source: 0)
        #expect(
            line.spans == [
                .init(text: "a", look: .plain), .init(text: "b", look: .color(1, .bold)),
                .init(text: "c", look: .color(208, .bold)),
                .init(text: "d", look: Look(foreground: .palette(208), background: .rgb(1, 2, 3), attributes: .bold)),
                .init(text: "e", look: .plain),
            ])
    }

    @Test func aProgressBarIsFoldedOverPages() {
        var buffer = LogBuffer()
        buffer.add([Self.entry("10%\r") { $0.isOpen = true }], source: 0, isMerged: false)
        for percent in 11...99 {
            buffer.add(
                [Self.entry("\(percent)%\r") { ($0.isOpen, $0.continues) = (true, true) }], source: 0, isMerged: false)
        }
        #expect(buffer.lines.map(\.text) == ["99%"])
        buffer.add([Self.entry("100%") { $0.continues = true }, Self.entry("next")], source: 0, isMerged: false)
        #expect(buffer.lines.map(\.text) == ["100%", "next"])
    }

    @Test func aLineWithoutEndIsBounded() {
        var buffer = LogBuffer()
        let part = String(repeating: "x", count: 10_000)
        buffer.add([Self.entry(part) { $0.isOpen = true }], source: 0, isMerged: false)
        for _ in 0..<100 {
            buffer.add([Self.entry(part) { ($0.isOpen, $0.continues) = (true, true) }], source: 0, isMerged: false)
        }
        #expect((buffer.lines.first?.text.utf8.count ?? 0) < 2 * LogLine.limit)
    }

    @Test(arguments: 0..<10) func servicesAreMergedByTimeAndNoneGetsOutOfItsOwnOrder(_ seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var buffer = LogBuffer()
        var clock: [Int64] = [0, 0, 0]
        for number in 0..<500 {
            let source = Int.random(in: 0..<3, using: &random)
            clock[source] += Int64.random(in: 0..<10, using: &random)
            buffer.add([Self.entry("\(number)", clock[source])], source: source, isMerged: true)
        }
        for source in 0..<3 {
            let own = buffer.lines.filter { $0.source == source }.compactMap { Int($0.text) }
            #expect(own == own.sorted(), "seed \(seed)")
        }
    }

    @Test func olderLinesComeBeforeAndNoneIsThereTwice() {
        var view = Self.view()
        let all = (0..<50).map { Self.entry("\($0)", Int64($0 / 7) * 1000) }
        _ = view.begin()
        let newest = LogRead(query: view.query, source: 0, place: .newest, generation: 1)
        _ = view.take(newest, .success(ServiceLogs.Page(Array(all[30...]), cursor: "c", more: true)))
        view.follows = false
        let older = view.readOlder()
        guard case .before(let end, _)? = older.first?.place else {
            Issue.record("nothing older is asked for")
            return
        }
        _ = view.take(older[0], .success(ServiceLogs.Page(all.filter { $0.microseconds <= end }, cursor: "d")))
        #expect(view.buffer.lines.map(\.text) == (0..<50).map { "\($0)" })
    }

    @Test func whoComesTooLateGoesToTheEnd() {
        var view = Self.view()
        var reads = view.begin()
        for _ in 0..<20 {
            guard let read = reads.first else { break }
            reads = view.take(read, .success(ServiceLogs.Page([Self.entry("x")], cursor: "c", more: true)))
            if case .newest? = reads.first?.place { return }
        }
        Issue.record("it reads all of it")
    }

    // MARK: The view

    @Test func itOpensAtItsEndAndFollows() {
        var state = Self.monitor((0..<100).map { Self.entry("line \($0)") })
        #expect(state.draw().text.contains("line 99"))
        state.hit(.up)
        #expect(!state.draw().text.contains("line 99"))
        #expect(state.logs?.follows == false)
        state.hit(.down)
        #expect(state.draw().text.contains("line 99"))
        #expect(state.logs?.follows == true)
    }

    @Test func wrappedLinesAreCopiedAsOne() {
        let long = (0..<30).map { "word\($0)" }.joined(separator: " ")
        var state = Self.monitor([Self.entry(long), Self.entry("short")])
        state.hit(.character("W"))
        #expect(state.draw().line(1).hasPrefix("word0"))
        #expect(state.hit(.character("y")) == [.copy(long + "\nshort")])
    }

    @Test func draggingCopiesWhatIsUnderIt() {
        var state = Self.monitor([Self.entry("hello world"), Self.entry("second line")])
        func mouse(_ deed: Mouse.Deed, _ row: Int, _ column: Int) -> [Effect] {
            state.update(.input(.mouse(Mouse(deed: deed, row: row, column: column))))
        }
        #expect(mouse(.press, 1, 6).isEmpty)
        #expect(mouse(.drag, 2, 3).isEmpty)
        #expect(mouse(.release, 2, 5) == [.copy("world\nseco")])
    }

    @Test func selectedLinesAreCopied() {
        var state = Self.monitor((0..<5).map { Self.entry("line \($0)") })
        state.hit(.character("v"), .up, .up)
        #expect(state.hit(.character("y")) == [.copy("line 2\nline 3\nline 4")])
    }

    @Test func searchFindsCountsAndGoesOn() {
        var state = Self.monitor((0..<100).map { Self.entry($0 % 10 == 3 ? "an error \($0)" : "line \($0)") })
        state.hit(.character("/"))
        state.type("err.r")
        state.hit(.enter)
        #expect(state.logs?.matches.count == 10)
        #expect(state.draw().text.contains("an error 93"))
        state.hit(.character("N"))
        #expect(state.draw().text.contains("an error 83"))
        state.hit(.character("n"))
        #expect(state.draw().text.contains("an error 93"))
    }

    @Test func aPatternThatIsNoneIsToldAndChangesNothing() {
        var state = Self.monitor([Self.entry("a")])
        state.hit(.character("/"))
        state.type("a(")
        state.hit(.enter)
        #expect(state.notice?.isFailure == true)
        #expect(state.draw().text.contains("a"))
    }

    @Test func onlyMatchingLinesAreAskedOfXpmd() {
        var state = Self.monitor([Self.entry("a")])
        state.hit(.character("!"))
        state.type("!debug")
        let effects = state.hit(.enter)
        guard effects.first == .endLogs, case .readLog(let read)? = effects.last else {
            Issue.record("\(effects)")
            return
        }
        #expect(read.query.grep == "^(?!.*(?:debug))")
    }

    @Test func anAnswerToAnEarlierQuestionCountsForNothing() {
        var state = Self.monitor([Self.entry("new")])
        guard let view = state.logs else { return }
        let old = LogRead(query: view.query, source: 0, place: .newest, generation: view.generation - 1)
        _ = state.update(.log(old, .success(ServiceLogs.Page([Self.entry("old")], cursor: "x"))))
        #expect(!state.draw().text.contains("old"))
    }

    @Test func theServiceWhoseLogIsShownIsTheOneThatIsStopped() {
        var state = Self.monitor([Self.entry("a")])
        #expect(
            state.hit(.control("k")) == [.ask(Request(verb: .stop, service: Samples.service("tensorboard").identity))])
    }

    @Test(
        arguments: [
            ("", nil, nil), ("10m", -600_000, nil), ("2h..1h", -7_200_000, -3_600_000), ("..5s", nil, -5000),
        ] as [(String, Int64?, Int64?)]) func timesAreRead(_ text: String, _ since: Int64?, _ until: Int64?)
    {
        #expect(TimeRange.parse(text, now: 0, zone: 0) == TimeRange.Bounds(since: since, until: until))
    }

    @Test func aTimeOfDayIsTodaysInTheUsersZone() {
        let noon: Int64 = 1_790_000_000_000 / 86_400_000 * 86_400_000 + 43_200_000
        #expect(TimeRange.parse("10:30", now: noon, zone: 3600)?.since == noon - 43_200_000 + 34_200_000)
        for wrong in ["x", "25:00", "10:3", "11:00..10:00", "..x", "9999999999s"] {
            #expect(TimeRange.parse(wrong, now: noon, zone: 0) == nil, "\(wrong)")
        }
    }

    /// Whatever is pressed and comes, it draws, and keeps what it holds within bounds.
    @Test(arguments: 0..<10) func anyKeysInAnyLogDrawSomething(_ seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var state = Self.monitor((0..<30).map { Self.entry("line \($0) 漢字 e\u{301} \u{1b}[3\($0 % 8)mcolor\u{1b}[0m") })
        let keys = Action.allCases.flatMap { state.keymap[$0] }.filter { $0 != .control("z") }
        for step in 0..<1500 {
            let key = keys.randomElement(using: &random) ?? .up
            var effects = state.update(.input(.key(key)))
            if step % 7 == 0 {
                let mouse = Mouse(
                    deed: [.press, .drag, .release, .wheelUp].randomElement(using: &random) ?? .press,
                    row: Int.random(in: 0..<12, using: &random), column: Int.random(in: 0..<45, using: &random))
                effects += state.update(.input(.mouse(mouse)))
            }
            if step % 50 == 0 {
                effects += state.update(
                    .resized(
                        columns: Int.random(in: 1..<140, using: &random), rows: Int.random(in: 1..<40, using: &random)))
            }
            for case .readLog(let read) in effects.prefix(4) {
                let lines = (0..<Int.random(in: 0..<5, using: &random)).map {
                    Self.entry("more \(step) \($0)", Int64(step))
                }
                _ = state.update(.log(read, .success(ServiceLogs.Page(lines, cursor: "c\(step)"))))
            }
            let canvas = state.draw()
            #expect(canvas.columns == state.columns && canvas.rows == state.rows, "seed \(seed)")
        }
    }
}
