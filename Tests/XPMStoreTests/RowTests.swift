import Testing
import XPMStore

@Suite struct RowTests {
    let scratch: ScratchFolder
    let store: Store

    init() throws {
        scratch = try ScratchFolder()
        store = try Store(folder: scratch.state)
    }

    @Test func newStoreIsEmpty() throws {
        #expect(try store.load() == Contents())
        #expect(try store.events(after: 0).isEmpty)
    }

    @Test func rowsComeBackInKeyOrderAfterReopening() throws {
        try store.commit([
            .putExperiment(Sample.experiment(3, status: "closed")), .putExperiment(Sample.experiment(1)),
            .putService(Sample.service(5, of: 3)), .putService(Sample.service(4, of: 1)), .lastAttempt(1 << 62),
        ])
        store.close()
        let reopened = try Store(folder: scratch.state)
        #expect(
            try reopened.load()
                == Contents(
                    experiments: [Sample.experiment(1), Sample.experiment(3, status: "closed")],
                    services: [Sample.service(4, of: 1), Sample.service(5, of: 3)], lastAttempt: 1 << 62, lastKey: 5))
        #expect(reopened.instance == store.instance)
        reopened.close()
    }

    @Test func replacingAnExperimentKeepsItsServices() throws {
        try store.commit([.putExperiment(Sample.experiment(1)), .putService(Sample.service(2, of: 1))])
        try store.commit([.putExperiment(Sample.experiment(1, status: "closed"))])
        let contents = try store.load()
        #expect(contents.experiments == [Sample.experiment(1, status: "closed")])
        #expect(contents.services == [Sample.service(2, of: 1)])
    }

    @Test func updateReplacesOnlyWhatChangesOften() throws {
        var row = Sample.service(2, of: 1)
        try store.commit([.putExperiment(Sample.experiment(1)), .putService(row)])
        try store.commit([.updateService(key: 2, wanted: false, runtime: "{}")])
        row.wanted = false
        row.runtime = "{}"
        #expect(try store.load().services == [row])
    }

    @Test func removedExperimentTakesItsServicesAlong() throws {
        try store.commit([
            .putExperiment(Sample.experiment(1)), .putExperiment(Sample.experiment(2)),
            .putService(Sample.service(3, of: 1)), .putService(Sample.service(4, of: 2)),
        ])
        try store.commit([.removeExperiment(1)])
        #expect(try store.load().experiments.map(\.key) == [2])
        #expect(try store.load().services.map(\.key) == [4])
    }

    @Test func removingWhatIsNotThereChangesNothing() throws {
        try store.commit([.removeService(7), .removeExperiment(8)])
        #expect(try store.load() == Contents())
    }

    @Test func keysOfRemovedRowsAreRemembered() throws {
        try store.commit([.putExperiment(Sample.experiment(1)), .putService(Sample.service(9, of: 1))])
        try store.commit([.removeService(9), .removeExperiment(1)])
        store.close()
        let reopened = try Store(folder: scratch.state)
        #expect(try reopened.load() == Contents(lastKey: 9))
        reopened.close()
    }

    @Test func attemptsNeverGoBack() throws {
        try store.commit([.lastAttempt(1 << 62)])
        try store.commit([.lastAttempt(12)])
        #expect(try store.load().lastAttempt == 1 << 62)
    }

    @Test(arguments: [
        Change.updateService(key: 7, wanted: true, runtime: "{}"),
        .putService(Sample.service(7, of: 99)),
    ])
    func changeThatCannotTakeEffectUndoesItsWholeCommit(change: Change) throws {
        #expect(throws: StoreError.self) {
            try store.commit([.putExperiment(Sample.experiment(1)), Sample.event(1), change])
        }
        #expect(try store.load() == Contents())
        #expect(try store.events(after: 0).isEmpty)
    }
}
