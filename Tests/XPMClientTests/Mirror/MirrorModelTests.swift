import ScriptedDaemon
import Testing
import XPMProtocol

@testable import XPMClient

struct MirrorModelTests {
    private static func run(_ experiment: String, _ name: String, in workspace: String = "/ws") -> RunIdentity {
        RunIdentity(workspace: workspace, experiment: experiment, run: name)
    }

    /// Runs with the services and states of each, each run later than the one before.
    private static func model(_ all: [(RunIdentity, [String: ServiceState])]) -> MirrorModel {
        var model = MirrorModel()
        for (number, (run, services)) in all.enumerated() {
            let place = Int64(number + 1)
            var record = Samples.experiment(run)
            record.openedAt = Timestamp(milliseconds: Samples.moment.milliseconds + place)
            model.apply(.runAdded(MirroredRun(record, place: place)))
            for (index, service) in services.sorted(by: { $0.key < $1.key }).enumerated() {
                model.apply(
                    .serviceAdded(
                        MirroredService(
                            Samples.service(service.key, service.value, run: run), place: place * 100 + Int64(index))))
            }
        }
        return model
    }

    @Test func experimentsAndRunsAreNewestFirstWithTheirCounts() throws {
        let model = Self.model([
            (Self.run("old", "r1"), ["a": .running]),
            (Self.run("lab", "r1"), ["a": .error, "b": .running]),
            (Self.run("lab", "r2"), ["a": .stopped, "all": .running, "all/x": .running, "all/y": .running]),
        ])
        let experiments = model.experiments
        #expect(experiments.map(\.identity.experiment) == ["lab", "old"])
        let lab = try #require(experiments.first)
        #expect(lab.runs == 2 && lab.newest.identity.run == "r2")
        #expect(lab.counts.running == 2 && lab.counts.error == 1 && lab.counts.stopped == 1 && lab.counts.total == 4)
        let runs = model.runs(of: lab.identity)
        #expect(runs.map(\.identity.run) == ["r2", "r1"])
        #expect(runs[0].counts[.running] == 1 && runs[0].record?.services == 4)
        #expect(model.services(of: runs[0].identity).map(\.record.identity.id) == ["a", "all", "all/x", "all/y"])
    }

    @Test func nothingIsLeftOfWhatIsRemoved() {
        var model = Self.model([(Self.run("lab", "r1"), ["a": .running])])
        let identity = ServiceIdentity(run: Self.run("lab", "r1"), id: "a")
        model.apply(.runRemoved(identity.run))
        #expect(model.experiments.count == 1 && model.run(identity.run)?.record == nil)
        model.apply(.serviceRemoved(identity))
        #expect(model.experiments.isEmpty && model.nodes.isEmpty && model.runsByID.isEmpty)
    }

    @Test func aReferenceMeansWhatItMeansForXpmd() throws {
        let model = Self.model([
            (Self.run("lab", "r1"), ["board": .running, "old": .stopped]),
            (Self.run("lab", "r2"), ["board": .running]),
            (Self.run("lab", "r1", in: "/ws/inner"), ["board": .running]),
            (Self.run("other", "r1"), ["board": .running, "single": .stopped]),
        ])
        func found(_ reference: ServiceReference) -> String {
            do {
                let run = try model.service(reference, homes: ["/home/me"]).identity.run
                return "\(run.workspace) \(run.experiment)@\(run.run)"
            } catch { return error.code.rawValue }
        }
        #expect(found(ServiceReference(id: "single")) == "/ws other@r1")
        #expect(found(ServiceReference(id: "old")) == "/ws lab@r1")
        #expect(found(ServiceReference(id: "board")) == "ambiguous")
        #expect(found(ServiceReference(id: "board", experiment: "lab", workspace: "/ws")) == "/ws lab@r2")
        #expect(found(ServiceReference(id: "board", experiment: "lab", run: "r1", workspace: "/ws")) == "/ws lab@r1")
        #expect(found(ServiceReference(id: "board", near: "/ws/inner/src")) == "/ws/inner lab@r1")
        #expect(found(ServiceReference(id: "single", near: "/elsewhere")) == "/ws other@r1")
        #expect(found(ServiceReference(id: "single", near: "/elsewhere", here: true)) == "not_found")
        #expect(found(ServiceReference(id: "none")) == "not_found")
    }
}
