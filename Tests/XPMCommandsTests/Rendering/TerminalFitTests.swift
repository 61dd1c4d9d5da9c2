import ScriptedDaemon
import Testing
import XPMProtocol

@testable import XPMCommands

/// What is printed fits the terminal that it is printed on.
struct TerminalFitTests {
    private static let services = [
        Samples.service("tensorboard", .running) { ($0.pid, $0.url) = (4711, "http://127.0.0.1:40697/") },
        Samples.service("a_service_with_a_very_long_name_indeed", .error) {
            $0.error = "was not ready within 60 s: still waiting for its page, and that for quite a while"
        },
        Samples.service("日本語のサービス", .starting) { $0.waitingFor = "the line in its log that says it is ready" },
    ]

    private func table(_ limit: Int?) -> [Substring] {
        let names = ShortNames(Self.services.map(\.identity), newest: [Samples.run])
        return ServiceTable(names: names, now: Samples.moment, style: .plain, limit: limit).text(Self.services)
            .split(separator: "\n")
    }

    @Test(arguments: [40, 60, 80, 100]) func noRowIsLongerThanTheTerminal(width: Int) {
        let lines = table(width)
        #expect(lines.count == 4)
        for line in lines { #expect(DisplayWidth.of(String(line)) <= width, "\(line)") }
        // The state, by which one looks for what is wrong, is whole.
        for state in ["RUNNING", "ERROR", "STARTING"] { #expect(lines.contains { $0.contains(state) }) }
        #expect(lines.contains { $0.contains("…") })
    }

    @Test func nothingIsCutElsewhere() {
        #expect(!table(nil).contains { $0.contains("…") })
        #expect(table(400) == table(nil))
    }

    @Test(arguments: [(12, "abcdefgh"), (8, "abcdefgh"), (7, "abcdef…"), (1, "…"), (0, "")])
    func textIsCutToItsRoom(width: Int, expected: String) {
        #expect(DisplayWidth.cut("abcdefgh", to: width) == expected)
    }

    @Test func wideCharactersAreNotHalved() {
        #expect(DisplayWidth.cut("日本語", to: 4) == "日…")
        #expect(DisplayWidth.cut("日本語", to: 6) == "日本語")
    }

    /// One line whatever the terminal's width, which may change between two drawings.
    @Test func progressIsOneLineOfTheTerminalAsItIsNow() {
        var width: Int? = 30
        var drawn: [String] = []
        var line = ProgressLine(isShown: true, width: { width }, write: { drawn.append($0) })
        let text = "5s  tensorboard: STARTING, waiting for the line in its log that says it is ready"
        line.show(text)
        width = 20
        line.show(text)
        width = nil
        line.show(text)
        line.clear()
        line.clear()
        #expect(drawn.count == 4 && drawn.allSatisfy { $0.hasPrefix("\r\u{1b}[K") && !$0.contains("\n") })
        let widths = drawn.prefix(3).map { DisplayWidth.of(String($0.dropFirst(4))) }
        #expect(widths == [29, 19, 79])
        #expect(drawn.last == "\r\u{1b}[K")
    }

    @Test func progressNamesAllThatAreAwaited() {
        let members = ["web", "db"].enumerated().map { Member(index: $0, service: ServiceReference(id: $1)) }
        var awaited = AwaitedServices(members)
        awaited.note(Samples.service("web", .starting) { $0.waitingFor = "its page" }, of: members[0])
        #expect(awaited.text(seconds: 5, now: Samples.moment) == "5s  web: STARTING, waiting for its page; db: waiting")
        awaited.remove(members[0])
        #expect(awaited.text(seconds: 6, now: Samples.moment) == "6s  db: waiting")
    }
}
