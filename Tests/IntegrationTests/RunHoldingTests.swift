import Glibc
import Testing
import XPMClient
import XPMProtocol

/// Runs that end with the connections that hold them.
struct RunHoldingTests {
    private func hold(_ xpmd: Instance, _ experiment: String = "lab") throws -> Connection {
        let connection = try xpmd.connect()
        let request = OpenExperiment(workspace: xpmd.workspace, experiment: experiment, run: "r1", hold: true)
        _ = try connection.call(request, timeout: patience)
        return connection
    }

    /// A process of its own that holds a run, and lives on when its connection ends.
    private func holder(_ xpmd: Instance) throws -> ChildProcess {
        let held = try Tidings("held", of: xpmd)
        let code = """
            import json, signal, socket, struct
            s = socket.socket(socket.AF_UNIX); s.connect('\(xpmd.socket)')
            def ask(method, **params):
                text = json.dumps({'jsonrpc': '2.0', 'id': 1, 'method': method, 'params': params}).encode()
                s.sendall(struct.pack('>I', len(text)) + text)
                s.recv(struct.unpack('>I', s.recv(4, socket.MSG_WAITALL))[0], socket.MSG_WAITALL)
            ask('hello', client='holder', versions={'min': 1, 'max': 1})
            ask('experiment.open', workspace='\(xpmd.workspace)', experiment='lab', run='r1', hold=True)
            open('\(held.path)', 'w').write('held\\n')
            signal.pause()
            """
        let process = try ChildProcess(
            ["python3", "-c", code], environment: xpmd.serviceEnvironment, folder: xpmd.workspace)
        _ = try held.line()
        return process
    }

    private func status(_ xpmd: Instance) throws -> ExperimentRecord.Status? {
        try xpmd.call(ListExperiments()).experiments.first { $0.identity.experiment == "lab" }?.status
    }

    @Test func runFailsWithTheLastConnectionThatHoldsIt() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let tape = try EventTape(xpmd.socket)
            var first: Connection? = try hold(xpmd)
            // Who merely opens it does not hold it.
            try xpmd.open("lab")
            var second: Connection? = try hold(xpmd)
            first = nil
            // The connection of this request is younger than the end of the first.
            #expect(try status(xpmd) == .open)
            second = nil
            let closed = try tape.await { $0.kind == .experimentClosed }
            #expect(closed.cause == "process \(getpid()), which held the run open, disconnected")
            #expect(try status(xpmd) == .failed)
            withExtendedLifetime((first, second)) {}
        }
    }

    @Test func runThatWasClosedEndsAsItWas() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let tape = try EventTape(xpmd.socket)
            var connection: Connection? = try hold(xpmd)
            _ = try connection?.call(
                CloseExperiment(RunIdentity(workspace: xpmd.workspace, experiment: "lab", run: "r1")), timeout: patience
            )
            connection = nil
            let marker = try hold(xpmd, "marker")
            try tape.await { $0.kind == .experimentOpened && $0.experiment == "marker" }
            #expect(try status(xpmd) == .done)
            #expect(tape.events.filter { $0.kind == .experimentClosed }.map(\.cause) == ["done"])
            withExtendedLifetime((connection, marker)) {}
        }
    }

    @Test func servicesThatEndWithTheirRunEndWithItsHolder() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            var connection: Connection? = try hold(xpmd)
            let run = RunIdentity(workspace: xpmd.workspace, experiment: "lab", run: "r1")
            try xpmd.addScript("ends", "exec sleep 1000", to: run) { $0.lifetime = LifetimePolicy(.stop) }
            try xpmd.addScript("keeps", "exec sleep 1000", to: run)
            for id in ["ends", "keeps"] { try xpmd.start(id) }
            connection = nil
            #expect(try xpmd.wait("ends", for: .ended).state == .stopped)
            #expect(try xpmd.service("keeps").state == .running)
            withExtendedLifetime(connection) {}
        }
    }

    @Test func holderThatDiedWhileNoDaemonRanEndsItsRun() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let process = try holder(xpmd)
            try xpmd.crash()
            process.kill()
            try xpmd.launch()
            let tape = try EventTape(xpmd.socket)
            let closed = try tape.await { $0.kind == .experimentClosed }
            #expect(
                closed.cause == "process \(process.pid), which held the run open, exited while xpmd was not running")
            #expect(try status(xpmd) == .failed)
        }
    }

    @Test func holderThatLivesHoldsItsRunUnderTheNextDaemonUntilItDies() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let process = try holder(xpmd)
            // Twice, so that the second daemon has found it on the first one's record alone.
            for _ in 1...2 {
                try xpmd.crash()
                try xpmd.launch()
                #expect(try status(xpmd) == .open)
            }
            let tape = try EventTape(xpmd.socket)
            process.kill()
            let closed = try tape.await { $0.kind == .experimentClosed }
            #expect(closed.cause == "process \(process.pid), which held the run open, exited")
        }
    }

    @Test func holderThatComesBackHoldsByItsConnectionAgain() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let before = try hold(xpmd)
            try xpmd.crash()
            try xpmd.launch()
            var connection: Connection? = try hold(xpmd)
            let tape = try EventTape(xpmd.socket)
            connection = nil
            // This process lives on, but its connection counts.
            let closed = try tape.await { $0.kind == .experimentClosed }
            #expect(closed.cause?.hasSuffix("which held the run open, disconnected") == true)
            withExtendedLifetime((before, connection)) {}
        }
    }

    @Test func daemonThatIsReplacedEndsNoRun() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let connection = try hold(xpmd)
            try xpmd.call(ReexecDaemon())
            #expect(connection.waitForEnd(timeout: patience))
            #expect(try status(xpmd) == .open)
            #expect(
                try xpmd.call(
                    CloseExperiment(
                        RunIdentity(workspace: xpmd.workspace, experiment: "lab", run: "r1"))
                ).status == .done)
        }
    }
}
