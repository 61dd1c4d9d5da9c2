import SeededRandom
import Testing
import XPMClient
import XPMProtocol

@testable import XPMMonitor

@Suite struct ListTests {
    @Test func theCursorStaysOnItsServiceWhateverIsAddedOrRemovedAboveIt() {
        var state = Samples.monitor([Samples.service("b", place: 2), Samples.service("c", place: 3)])
        state.hit(.character("2"), .down)
        #expect(state.highlighted == "c")
        _ = state.update(.changes([.serviceAdded(Samples.service("a", place: 1))]))
        #expect(state.highlighted == "c")
        #expect(state.table?.selectedIndex(state.model) == 2)
        _ = state.update(.changes([.serviceRemoved(Samples.service("b").identity)]))
        #expect(state.highlighted == "c")
        #expect(state.hit(.control("k")) == [.ask(Request(verb: .stop, service: Samples.service("c").identity))])
    }

    @Test func aKeyForARowThatHasGoneMeetsNoOther() {
        var state = Samples.monitor([
            Samples.service("a", place: 1), Samples.service("b", place: 2), Samples.service("c", place: 3),
        ])
        state.hit(.character("2"), .down)
        _ = state.update(.changes([.serviceRemoved(Samples.service("b").identity)]))
        #expect(state.highlighted == nil)
        #expect(state.hit(.control("k")) == [])
        #expect(state.notice?.text == "no service is selected")
        state.hit(.down)
        #expect(state.highlighted == "c")
    }

    @Test func aStoppedServiceLeavesTheTabOfWhatRunsAndStaysInItsRun() {
        var state = Samples.monitor([Samples.service("a", place: 1), Samples.service("b", place: 2)])
        #expect(state.running == 2)
        _ = state.update(.changes([.serviceChanged(Samples.service("a", .stopped, place: 1))]))
        #expect(state.running == 1)
        #expect(state.everything.rows.map(\.identity.id) == ["b"])
        state.hit(.enter)
        #expect(state.table?.rows.map(\.identity.id) == ["a", "b"])
    }

    /// Whatever happens, the lists are those that a new monitor would make, and the highlighted service is there.
    @Test(arguments: 0..<8) func listsAreAsIfMadeAnew(_ seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var state = Samples.monitor([])
        let keys: [Key] = [
            .up, .down, .character("s"), .character("1"), .character("2"), .enter, .escape, .character(" "), .pageDown,
            .end,
        ]
        var present: Set<ServiceIdentity> = []
        for _ in 0..<3000 {
            let run = Samples.run(
                "x\(Int.random(in: 0..<3, using: &random))", "r\(Int.random(in: 0..<2, using: &random))")
            let service = Samples.service(
                "s\(Int.random(in: 0..<8, using: &random))",
                ServiceState.allCases.randomElement(using: &random) ?? .running,
                in: run, place: Int64.random(in: 0..<4, using: &random))
            switch Int.random(in: 0..<10, using: &random) {
            case 0:
                if present.remove(service.identity) != nil {
                    _ = state.update(.changes([.serviceRemoved(service.identity)]))
                }
            case 1...5:
                let isNew = present.insert(service.identity).inserted
                _ = state.update(.changes([isNew ? .serviceAdded(service) : .serviceChanged(service)]))
            default: state.hit(keys.randomElement(using: &random) ?? .up)
            }
            for table in [state.everything, state.openRun].compactMap(\.self) {
                var anew = table
                anew.rebuild(state.model)
                #expect(anew.rows == table.rows, "seed \(seed)")
                if let selected = table.cursor.selected {
                    #expect(table.rows.contains { $0.identity == selected }, "seed \(seed)")
                }
            }
            #expect(state.running == state.model.services.count { $0.record.state == .running }, "seed \(seed)")
        }
    }

    @Test(arguments: [
        ("tb", "lab@r1:tensorboard", true), ("bt", "lab@r1:tensorboard", true), ("zz", "lab@r1:tensorboard", false),
        ("!board", "lab@r1:tensorboard", false), ("!wandb", "lab@r1:tensorboard", true),
        ("lab !x tb", "lab@r1:tensorboard", true),
        ("!", "a", true), ("", "a", true),
    ]) func filtersAreFuzzyAndMayBeInverted(_ typed: String, _ text: String, _ matches: Bool) {
        #expect(FuzzyFilter.matches(typed, text) == matches)
    }
}
