import Testing
import XPMProtocol

/// What becomes of services when their run ends.
struct RunEndingTests {
    /// Longer than any test lasts.
    private static let never = 100_000.0

    private func add(_ xpmd: Instance, _ id: String, _ lifetime: LifetimePolicy?, to run: RunIdentity) throws {
        try xpmd.addScript(id, "exec sleep 1000", to: run) { $0.lifetime = lifetime }
    }

    private func close(_ xpmd: Instance, _ run: RunIdentity) throws { try xpmd.call(CloseExperiment(run)) }

    private func isToEnd(_ xpmd: Instance, _ id: String) throws -> Bool {
        try xpmd.service(id).notes.contains { $0.hasPrefix("its run ended") }
    }

    @Test func onlyServicesThatAreToEndWithTheirRunDo() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let run = try xpmd.open("lab")
            try add(xpmd, "by-default", nil, to: run)
            try add(xpmd, "keeps", LifetimePolicy(.keep), to: run)
            try add(xpmd, "ends", LifetimePolicy(.stop), to: run)
            for id in ["by-default", "keeps", "ends"] { try xpmd.start(id) }
            let tape = try EventTape(xpmd.socket)
            try close(xpmd, run)
            #expect(try tape.await { $0.kind == .experimentClosed }.cause == "done")
            #expect(try tape.await("ends", .stopping).cause == "its run ended")
            try tape.await("ends", .stopped)
            #expect(try xpmd.service("by-default").state == .running && xpmd.service("keeps").state == .running)
        }
    }

    @Test func delayGoesOnWhileNoDaemonRuns() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let run = try xpmd.open("lab")
            try add(xpmd, "ends", LifetimePolicy(.stop, delaySeconds: 0.2), to: run)
            let pid = try #require(try xpmd.start("ends").pid)
            try close(xpmd, run)
            try xpmd.crash()
            try xpmd.launch()
            #expect(try xpmd.wait("ends", for: .ended).state == .stopped)
            try Processes.awaitEnd(of: pid)
        }
    }

    @Test func runThatIsOpenedAgainKeepsItsServices() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let run = try xpmd.open("lab")
            try add(xpmd, "ends", LifetimePolicy(.stop, delaySeconds: Self.never), to: run)
            try xpmd.start("ends")
            try close(xpmd, run)
            #expect(try isToEnd(xpmd, "ends"))
            try xpmd.crash()
            try xpmd.launch()
            #expect(try isToEnd(xpmd, "ends"))
            try xpmd.open("lab")
            #expect(try !isToEnd(xpmd, "ends"))
        }
    }

    @Test func startAfterTheEndOfTheRunIsNoConcernOfThatEnd() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let run = try xpmd.open("lab")
            for id in ["ends", "later"] {
                try add(xpmd, id, LifetimePolicy(.stop, delaySeconds: id == "ends" ? Self.never : nil), to: run)
            }
            try xpmd.start("ends")
            try close(xpmd, run)
            // Asked for once more, it is wanted beyond the end of its run.
            try xpmd.start("ends")
            #expect(try !isToEnd(xpmd, "ends"))
            try xpmd.start("later")
            try xpmd.crash()
            try xpmd.launch()
            #expect(try xpmd.service("ends").state == .running && xpmd.service("later").state == .running)
            #expect(try !isToEnd(xpmd, "later"))
        }
    }

    @Test func partsGoByTheirCompositesPolicy() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let run = try xpmd.open("lab")
            let part = ServiceDefinition(
                run: .command(["/bin/sleep", "1000"]), environment: xpmd.serviceEnvironment)
            var keeping = part
            keeping.lifetime = LifetimePolicy(.keep)
            try xpmd.call(
                AddService(
                    to: run, id: "both",
                    definition: ServiceDefinition(run: .composite, lifetime: LifetimePolicy(.stop)),
                    subServices: [.init(id: "ends", definition: part), .init(id: "keeps", definition: keeping)]))
            try xpmd.start("both")
            try close(xpmd, run)
            #expect(try xpmd.wait("both/ends", for: .ended).state == .stopped)
            #expect(try xpmd.service("both/keeps").state == .running)
        }
    }

    @Test func templateSaysHowLongItsServicesLive() throws {
        try withInstance { xpmd in
            xpmd.scratch.folder("config/templates")
            try xpmd.scratch.file(
                "config/templates/nap.toml",
                """
                command = ["sleep", "1000"]
                [lifetime]
                after_experiment = "stop"
                """)
            try xpmd.launch()
            let run = try xpmd.open("lab")
            let definition = ServiceDefinition(
                run: .template("nap", parameters: [:]), environment: xpmd.serviceEnvironment)
            try xpmd.call(AddService(to: run, id: "nap", definition: definition))
            try xpmd.start("nap")
            try close(xpmd, run)
            #expect(try xpmd.wait("nap", for: .ended).state == .stopped)
        }
    }
}
