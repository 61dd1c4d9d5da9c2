import Glibc
import Synchronization
import Testing
import XPMClient
import XPMProtocol

/// A mirror of a real xpmd, which is killed while services come and go.
struct MirrorTests {
    /// Who reads a mirror, as a view does.
    private struct View {
        let mirror: ServiceMirror
        var model = MirrorModel()

        init(of xpmd: Instance) throws {
            mirror = try ServiceMirror(places: Places(environment: xpmd.environment, user: getuid()), name: "tests")
        }

        /// Reads until the model is as wished.
        mutating func wait(_ what: String, until isEnough: (MirrorModel) throws -> Bool) throws {
            while true {
                for change in mirror.changes() { model.apply(change) }
                if try isEnough(model) { return }
                guard try isReadable(mirror.descriptor, within: patience) else {
                    throw TestFailure("waited in vain for the mirror: \(what); it is \(model.connection)")
                }
            }
        }
    }

    /// Whether a model is what xpmd lists.
    private func isSame(_ model: MirrorModel, _ xpmd: Instance) throws -> Bool {
        guard model.connection == .live else { return false }
        let (services, runs) = (try xpmd.list(), try xpmd.call(ListExperiments()).experiments)
        let key = { (record: ServiceRecord) in "\(record.identity)" }
        guard
            model.services.map(\.record).sorted(by: { key($0) < key($1) })
                == services.sorted(by: { key($0) < key($1) })
        else { return false }
        return model.experiments.flatMap { model.runs(of: $0.identity).reversed() }.map(\.record)
            == model.experiments.flatMap { experiment in
                runs.filter { $0.identity.owner == experiment.identity }.map(Optional.some)
            } && model.experiments.reduce(0) { $0 + $1.runs } == runs.count
    }

    @Test func followsServicesThatAreStartedStoppedReplacedAndRemoved() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let run = try xpmd.open("lab")
            try xpmd.add("one", ["sleep", "1000"], to: run)
            var view = try View(of: xpmd)
            defer { view.mirror.close() }
            try view.wait("the first list") { try isSame($0, xpmd) }
            let pid = try xpmd.start("one").pid
            try view.wait("one is RUNNING") { model in
                model[ServiceIdentity(run: run, id: "one")]?.record.state == .running
            }
            try view.wait("the whole record") { try isSame($0, xpmd) }
            kill(try #require(pid), SIGKILL)
            try view.wait("its death") { $0.run(run)?.counts.error == 1 }
            try xpmd.add("one", ["sleep", "2000"], to: run)
            try xpmd.addScript("two", "exec sleep 1000", to: run) { $0.requires = ["one"] }
            try view.wait("its replacement, and its dependent") { model in
                model[ServiceIdentity(run: run, id: "one")]?.record.dependents == ["two"]
            }
            try view.wait("all of both") { try isSame($0, xpmd) }
            try xpmd.call(RemoveService(ServiceReference(id: "two")))
            try xpmd.call(CloseExperiment(run, status: .failed))
            try xpmd.open("lab", run: "r2")
            try view.wait("the removal, and the end of the run") { try isSame($0, xpmd) }
            #expect(view.model.runs(of: run.owner).map(\.identity.run) == ["r2", "r1"])
        }
    }

    /// Until `isOver`: adds, starts, stops and removes services, whether xpmd is there or not.
    @Sendable private static func churn(
        _ socket: String, _ run: RunIdentity, _ environment: [String: String], until isOver: () -> Bool
    ) {
        var number = 0
        while !isOver() {
            guard let connection = try? Connection(socket: socket, client: "tests") else {
                sched_yield()
                continue
            }
            while !isOver() {
                number += 1
                let reference = ServiceReference(ServiceIdentity(run: run, id: "s\(number % 7)"))
                let definition = ServiceDefinition(
                    run: .command(["sleep", "\(1000 + number)"]), environment: environment)
                do {
                    _ = try connection.call(AddService(to: run, id: reference.id, definition: definition))
                    if number % 2 == 0 {
                        _ = try connection.call(StartService(reference))
                        _ = try connection.call(StopService(reference, force: true))
                        _ = try connection.call(WaitService(reference, goal: .ended))
                    }
                    if number % 3 != 0 { _ = try connection.call(RemoveService(reference)) }
                } catch  where EventReader.isTransient(error) {
                    break
                } catch {}
            }
        }
    }

    @Test func isWhatXpmdListsAfterXpmdWasKilledWhileServicesCameAndWent() async throws {
        try await withInstance { xpmd in
            try xpmd.launch()
            let run = try xpmd.open("lab")
            try xpmd.add("stays", ["sleep", "1000"], to: run)
            let pid = try xpmd.start("stays").pid
            var view = try View(of: xpmd)
            defer { view.mirror.close() }
            try view.wait("the first list") { $0.connection == .live }
            let (socket, environment) = (xpmd.socket, xpmd.serviceEnvironment)
            let (ends, ended) = AsyncStream<Void>.makeStream()
            let over = Flag()
            Thread.start {
                Self.churn(socket, run, environment) { over.isSet }
                ended.finish()
            }
            for _ in 0..<4 {
                // Whatever is told, something happens just then.
                let before = view.model.services.map(\.record.revision)
                try view.wait("a change") { $0.services.map(\.record.revision) != before }
                try xpmd.crash()
                try view.wait("the loss") { $0.connection != .live }
                try xpmd.launch()
                try view.wait("the next xpmd") { $0.connection == .live }
            }
            over.set()
            for await _ in ends {}
            try view.wait("what xpmd lists") { try isSame($0, xpmd) }
            #expect(view.model[ServiceIdentity(run: run, id: "stays")]?.record.pid == pid)
        }
    }
}

/// Something that is set once, by one thread for another.
private final class Flag: Sendable {
    private let value = Mutex(false)
    var isSet: Bool { value.withLock { $0 } }
    func set() { value.withLock { $0 = true } }
}
