import Testing
import XPMKeeping
import XPMProtocol
import XPMStore

@testable import XPMDaemon

/// What is known of an experiment's ended runs does not grow for ever.
@Suite struct RunHistoryTests {
    private let scratch: Scratch
    private let fixture: SupervisorFixture
    private let limit = Supervisor.endedLimit

    init() throws {
        scratch = try Scratch()
        fixture = try SupervisorFixture(stateFolder: "\(scratch.path)/state")
    }

    private func open(_ run: String, of experiment: String = "exp") throws {
        let answers = try fixture.ask(
            { try $0.openExperiment(OpenExperiment(workspace: "/", experiment: experiment, run: run), $1) },
            {
                let identity = RunIdentity(workspace: "/", experiment: experiment, run: run)
                let definition = ServiceDefinition(run: .command(["/bin/sh"]))
                try $0.addService(AddService(to: identity, id: "board", definition: definition), $1)
            })
        #expect(answers.allSatisfy { $0.error == nil })
    }

    private func close(_ run: String, of experiment: String = "exp") throws {
        let identity = RunIdentity(workspace: "/", experiment: experiment, run: run)
        let answers = try fixture.ask({ try $0.closeExperiment(CloseExperiment(identity), $1) })
        #expect(answers.allSatisfy { $0.error == nil })
        try fixture.drain()
    }

    private func runs() throws -> [String] {
        try fixture.turn { $0.registry.experiments.map(\.record.identity.run) }
    }

    @Test func ofEndedRunsTheLastOnesAreKept() throws {
        for number in 0..<limit + 2 {
            try open("r\(number)")
            try close("r\(number)")
        }
        #expect(try runs() == (2..<limit + 2).map { "r\($0)" })
        let saved = try fixture.store.load()
        #expect(saved.experiments.count == limit && saved.services.count == limit)
        #expect(throws: WireError.self) {
            try fixture.turn {
                _ = try $0.registry.resolve(ServiceReference(id: "board", experiment: "exp", run: "r0", workspace: "/"))
            }
        }
    }

    @Test func whatIsOpenOrLivesOrIsAnotherExperimentsIsLeftAlone() throws {
        try open("open")
        try open("other", of: "other")
        try close("other", of: "other")
        try open("lives")
        let start: SupervisorFixture.Request = {
            try $0.startService(
                StartService(ServiceReference(id: "board", experiment: "exp", run: "lives", workspace: "/")), $1)
        }
        #expect(try fixture.ask(start).allSatisfy { $0.error == nil })
        try close("lives")
        for number in 0..<limit + 1 {
            try open("r\(number)")
            try close("r\(number)")
        }
        let expected = ["open", "other", "lives"] + (1..<limit + 1).map { "r\($0)" }
        #expect(try runs() == expected)
    }

    @Test func oldRunThatIsOpenedAgainIsNotForgottenAtItsEnd() throws {
        for number in 0..<limit {
            try open("r\(number)")
            try close("r\(number)")
        }
        try open("r0")
        try close("r0")
        #expect(try runs().contains("r0"))
        try open("last")
        try close("last")
        #expect(try runs().contains("r0"))
        #expect(try !runs().contains("r1"))
    }
}

/// Which of several runs of an experiment is the newest.
@Suite struct RunOrderTests {
    private let scratch: Scratch

    init() throws { scratch = try Scratch() }

    private func open(_ run: String, in fixture: SupervisorFixture) throws {
        let answers = try fixture.ask(
            { try $0.openExperiment(OpenExperiment(workspace: "/", experiment: "exp", run: run), $1) },
            {
                let identity = RunIdentity(workspace: "/", experiment: "exp", run: run)
                let definition = ServiceDefinition(run: .command(["/bin/sh"]))
                try $0.addService(AddService(to: identity, id: "board", definition: definition), $1)
            })
        #expect(answers.allSatisfy { $0.error == nil })
    }

    private func newest(in fixture: SupervisorFixture) throws -> String {
        try fixture.turn { try $0.registry.resolve(ServiceReference(id: "board")).identity.run.run }
    }

    /// The clock was an hour ahead when the first was opened.
    @Test func runThatIsOpenedLastIsTheNewestWhateverTheClockSays() throws {
        let fixture = try SupervisorFixture(stateFolder: "\(scratch.path)/state")
        try fixture.turn { supervisor in
            let identity = RunIdentity(workspace: "/", experiment: "exp", run: "ahead")
            let record = ExperimentRecord(
                identity: identity, runMode: .normal,
                openedAt: Timestamp(milliseconds: Timestamp.now.milliseconds + 3_600_000))
            let ahead = ExperimentEntry(key: supervisor.nextKey(), record: record)
            supervisor.registry.insert(ahead)
            supervisor.ledger.append([.putExperiment(ahead.row)], policy: .kept)
        }
        try open("ahead", in: fixture)
        try open("last", in: fixture)
        #expect(try newest(in: fixture) == "last")
        // To open one again does not make it the newest.
        try open("ahead", in: fixture)
        #expect(try newest(in: fixture) == "last")
        fixture.store.close()
        #expect(try newest(in: SupervisorFixture(stateFolder: "\(scratch.path)/state")) == "last")
    }
}
