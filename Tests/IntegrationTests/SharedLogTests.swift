import Testing
import XPMProtocol

@testable import XPMClient

/// The one event log of many services: no one of them empties the history of the others.
struct SharedLogTests {
    /// Changes the database of an xpmd that does not run.
    private func edit(_ xpmd: Instance, _ statements: String) throws {
        let code = "import sqlite3, sys\ndb = sqlite3.connect(sys.argv[1])\ndb.executescript(sys.argv[2])\ndb.close()"
        let child = try ChildProcess(
            ["python3", "-c", code, xpmd.state + "/xpmd.sqlite", statements], environment: xpmd.environment)
        guard case .code(0) = try child.wait() else { throw TestFailure("cannot edit the database") }
    }

    @Test func fullLogLosesWhatTheLoudestHasMost() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let run = try xpmd.open("lab")
            for id in ["quiet", "loud"] { try xpmd.addScript(id, "exec sleep 1000", to: run) }
            try xpmd.start("quiet")
            try xpmd.stop("quiet")
            let before = try EventTape(xpmd.socket)
            let first = try xpmd.status().lastEvent
            try before.read(to: first)
            let quiet = before.events.filter { $0.id == "quiet" }
            #expect(quiet.count >= 4)
            try xpmd.crash()
            // As after days of a service that changes all the time.
            try edit(
                xpmd,
                """
                WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000)
                INSERT INTO event (sequence, owner, body)
                    SELECT \(first) + i, (SELECT key FROM service WHERE id = 'loud'),
                        CAST('{"jsonrpc":"2.0","method":"event","params":{"at":"2026-11-24T10:00:00.000Z","experiment":"lab",'
                            || '"id":"loud","kind":"service.changed","run":"r1","seq":' || (\(first) + i)
                            || ',"workspace":"\(xpmd.workspace)"}}' AS BLOB) FROM n;
                UPDATE state SET lastSequence = \(first) + 100000;
                """)
            try xpmd.launch()
            // More than gathers before some are removed.
            let client = try RawClient(xpmd.socket)
            try client.greet()
            for number in 0..<300 {
                let isOpening = !number.isMultiple(of: 2)
                let request =
                    isOpening
                    ? try Wire.encode(
                        Request(
                            id: .integer(1),
                            OpenExperiment(workspace: run.workspace, experiment: "lab", run: "r1")))
                    : try Wire.encode(Request(id: .integer(1), CloseExperiment(run)))
                client.send(Frame.encode(request))
                if let error = try client.reply().error { throw error }
            }
            let tape = try EventTape(xpmd.socket)
            let last = try xpmd.status().lastEvent
            try tape.read(to: last)
            // The loud one has lost its oldest events, its addition among them, and nobody else any.
            let added = try #require(before.events.first { $0.id == "loud" }?.sequence)
            let gaps = tape.events.filter { $0.kind == .gap }
            try #require(gaps.count == 2)
            #expect(gaps.map(\.from) == [added, first + 1] && gaps[0].to == added)
            #expect(tape.events.filter { $0.id == "quiet" } == quiet)
            let past = tape.events.prefix(Int(first)).filter { $0.kind != .gap }
            #expect(past == before.events.filter { $0.id != "loud" })
            #expect(tape.events.count < 100_000 + 256 + 2)
            // What is there follows what is missing, without another hole.
            #expect(tape.events.dropFirst(Int(first) + 1).map(\.sequence) == Array(((gaps[1].to ?? 0) + 1)...last))
            let shown = try xpmd.ctl("events", "quiet", "-o", "json").output.split(separator: "\n")
            #expect(try shown.map { try Wire.decode(EventRecord.self, from: $0.utf8) } == quiet)
        }
    }

    @Test func holesAmidTheLogAreToldAsTheyAre() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            for number in 1...8 { try xpmd.open("e\(number)") }
            try xpmd.crash()
            try edit(xpmd, "DELETE FROM event WHERE sequence IN (1, 3, 5, 6)")
            try xpmd.launch()
            let last = try xpmd.status().lastEvent
            let expected = [1, 2, 3, 4, 6] + Array(7...last)
            let tape = try EventTape(xpmd.socket)
            try tape.read(to: last)
            #expect(tape.events.map(\.sequence) == expected)
            let holes = tape.events.filter { $0.kind == .gap }.map { [$0.from, $0.to] }
            #expect(holes == [[1, 1], [3, 3], [5, 6]])
            // From amid a hole the rest of it is missing.
            let late = try EventTape(xpmd.socket, since: 5)
            try late.read(to: last)
            #expect(late.events.first?.from == 6 && late.events.map(\.sequence) == Array(6...last))
            let lines = try xpmd.ctl("events", "-o", "json").output.split(separator: "\n")
            #expect(try lines.map { try Wire.decode(EventRecord.self, from: $0.utf8).sequence } == expected)
            let reader = EventReader(since: 2) { [socket = xpmd.socket] () throws(WireError) in
                try Connection(socket: socket, client: "tests")
            }
            var read: [Int64] = []
            while read.last.map({ $0 < last }) ?? true { read += try reader.read().map(\.sequence) }
            #expect(read == Array(expected.dropFirst(2)))
        }
    }

    @Test func serviceThatChangesItsURLAllTheTimeIsToldOfNowAndThen() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let done = try Tidings("done", of: xpmd)
            let go = try Tidings("go", of: xpmd)
            let code = """
                import os, socket
                s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM); s.connect(os.environ['NOTIFY_SOCKET'])
                s.send(b'READY=1')
                for number in range(20001): s.send(b'X_XPM_URL=http://127.0.0.1:7/%d' % number)
                open('\(done.path)', 'w').write('done\\n')
                open('\(go.path)').readline()
                s.send(b'X_XPM_URL=http://127.0.0.1:7/farewell')
                """
            let definition = ServiceDefinition(
                run: .command(["python3", "-c", code]), environment: xpmd.serviceEnvironment,
                readiness: Readiness(notify: true, timeoutSeconds: Instance.longTimeout))
            try xpmd.call(AddService(to: xpmd.open("lab"), id: "loud", definition: definition))
            let tape = try EventTape(xpmd.socket)
            try xpmd.begin("loud")
            #expect(try done.line() == "done")
            let lastURL = "http://127.0.0.1:7/20000"
            try tape.await { $0.url == lastURL }
            #expect(try xpmd.service("loud").url == lastURL)
            let told = tape.events.filter { $0.previous == .running && $0.state == .running }
            let span = (told.last?.at.milliseconds ?? 0) - (told.first?.at.milliseconds ?? 0)
            #expect(Int64(told.count) <= 12 + span / 100, "\(told.count) events in \(span) ms")
            // What it says just before its end is told before that.
            try go.letGo()
            let exit = try tape.await { $0.id == "loud" && $0.exit != nil }
            let before = tape.events.last { $0.sequence < exit.sequence && $0.id == "loud" && $0.url != nil }
            #expect(before?.url == "http://127.0.0.1:7/farewell")
        }
    }

    @Test func serviceThatDiesAtOnceIsNotRestartedHundredsOfTimesASecond() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            try xpmd.addScript("loop", "exit 0", to: xpmd.open("lab")) {
                $0.restart = RestartPolicy(.always, delaySeconds: 0, limit: 0)
            }
            let tape = try EventTape(xpmd.socket)
            try xpmd.begin("loop")
            var planned: [EventRecord] = []
            while planned.count < 12 {
                let number = planned.count + 1
                planned.append(try tape.await { $0.id == "loop" && $0.retry?.number == number })
            }
            // The first ten as its policy says. By what is on record, so that a slow machine changes nothing.
            let first = try #require(planned.first?.retry?.at.milliseconds)
            for (place, event) in planned.enumerated().dropFirst(10) {
                let at = try #require(event.retry?.at.milliseconds)
                #expect(at - first >= Int64(place - 9) * 1000 - 50, "restart \(place + 1)")
            }
            let burst = planned.prefix(10).map { ($0.retry?.at.milliseconds ?? 0) - $0.at.milliseconds }
            #expect(burst.allSatisfy { $0 < 500 })
            #expect(try xpmd.stop("loop").state == .stopped)
        }
    }
}
