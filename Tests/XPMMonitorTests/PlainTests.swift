import Testing
import XPMClient
import XPMProtocol

@testable import XPMMonitor

@Suite struct PlainTests {
    private static func started(_ services: [MirroredService]) -> (PlainMonitor, [PlainMonitor.Output]) {
        var monitor = PlainMonitor()
        let outputs = monitor.take(services.map { .serviceAdded($0) } + [.connectionChanged(.live)], now: 0)
        return (monitor, outputs)
    }

    @Test func itListsWhatIsNotStoppedByNumbers() {
        let (_, outputs) = Self.started([
            Samples.service("a", .stopped), Samples.service("b") { $0.url = "http://localhost:1/" },
        ])
        #expect(
            outputs.prefix(2) == [
                .say("2 lab@r1:b running, http://localhost:1/"), .say("1 more are stopped; a lists all"),
            ])
    }

    @Test func aChangeIsALineAndAServiceSaysNoMoreThanOneInASecond() {
        var (monitor, _) = Self.started([Samples.service("a", .stopped)])
        func change(_ state: ServiceState, _ now: Int64) -> [PlainMonitor.Output] {
            monitor.take([.serviceChanged(Samples.service("a", state))], now: now)
        }
        #expect(change(.starting, 100) == [.say("1 lab@r1:a starting")])
        #expect(change(.running, 200) == [])
        #expect(change(.stopping, 300) == [])
        #expect(change(.error, 400) == [])
        #expect(monitor.deadline == 1100)
        #expect(monitor.tick(now: 1099) == [])
        #expect(monitor.tick(now: 1100) == [.say("1 lab@r1:a failed")])
        #expect(monitor.deadline == nil)
    }

    @Test func everythingCanBeDoneByNumbers() {
        var (monitor, _) = Self.started([Samples.service("a")])
        let identity = Samples.service("a").identity
        _ = monitor.type("1")
        #expect(monitor.type("2").last == .ask(Request(verb: .stop, service: identity)))
        _ = monitor.type("1")
        #expect(monitor.type("4") == [.logs(identity)])
        _ = monitor.type("1")
        _ = monitor.type("6")
        #expect(monitor.type("0").first == .say("kept"))
        _ = monitor.type("1")
        _ = monitor.type("6")
        #expect(monitor.type("1") == [.ask(Request(verb: .remove, service: identity))])
        #expect(monitor.type("q") == [.quit])
    }

    @Test func garbageIsAnsweredAndHarmless() {
        var (monitor, _) = Self.started([Samples.service("a")])
        for text in ["", "\u{1b}[2J", "999999999999999999999", "-1", "0", "1x", String(repeating: "9", count: 10_000)] {
            for output in monitor.type(text) {
                guard case .say(let line) = output else {
                    Issue.record("\(text) did \(output)")
                    continue
                }
                #expect(!line.contains("\u{1b}"))
            }
        }
    }

    @Test func noLineHasAnythingToDrawWith() {
        let (_, outputs) = Self.started([Samples.service("a\u{1b}[2J", .error) { $0.error = "x\u{7}y\nz" }])
        for case .say(let line) in outputs { #expect(!line.unicodeScalars.contains { ForeignText.isControl($0) }) }
    }
}
