import Testing
import XPMProtocol

@testable import XPMClient

/// Every event once, in order, whatever becomes of the reader or the daemon.
struct EventTests {
    /// Makes `count` events in few commits: a run is opened and closed in turn.
    private func make(_ count: Int, in xpmd: Instance) throws {
        let run = try xpmd.open("noise")
        let client = try RawClient(xpmd.socket)
        try client.greet()
        for start in stride(from: 0, to: count, by: 500) {
            var requests: [UInt8] = []
            for number in start..<min(count, start + 500) {
                let id = RequestID.integer(Int64(number))
                requests +=
                    number.isMultiple(of: 2)
                    ? try Frame.encode(Wire.encode(Request(id: id, CloseExperiment(run))))
                    : try Frame.encode(
                        Wire.encode(
                            Request(
                                id: id,
                                OpenExperiment(
                                    workspace: run.workspace, experiment: run.experiment, run: run.run))))
            }
            client.send(requests)
            for _ in start..<min(count, start + 500) {
                if let error = try client.reply().error { throw error }
            }
        }
    }

    @Test func clientThatDoesNotReadDelaysNobodyAndMissesNothing() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let idle = try EventTape(xpmd.socket)
            let reader = try EventTape(xpmd.socket)
            try make(10_000, in: xpmd)
            let last = try xpmd.status().lastEvent
            #expect(last >= 10_000)
            try reader.read(to: last)
            #expect(reader.events.map(\.sequence) == Array(1...last))
            // More than the socket and the daemon hold for it: the rest comes from the log.
            try idle.read(to: last)
            #expect(idle.events == reader.events)
            // And it is with the others again.
            try xpmd.open("news")
            #expect(try idle.next() == reader.next())
        }
    }

    @Test func subscriptionBeginsWhereItIsAskedTo() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            try make(50, in: xpmd)
            let last = try xpmd.status().lastEvent
            let tape = try EventTape(xpmd.socket, since: last - 10)
            try tape.read(to: last)
            #expect(tape.events.map(\.sequence) == Array((last - 9)...last))
            let refusal = #expect(throws: WireError.self) { try EventTape(xpmd.socket, since: last + 1) }
            #expect(refusal?.code == .invalidParameters)
        }
    }

    @Test func streamLosesAndRepeatsNothingOverCrashes() async throws {
        try await withInstance { xpmd in
            try xpmd.launch()
            let socket = xpmd.socket
            let stream = EventStream(since: 0) { () throws(WireError) in
                try Connection(socket: socket, client: "tests")
            }
            let seen = Task {
                var seen: [EventRecord] = []
                for try await event in stream {
                    seen.append(event)
                    if event.kind == .experimentOpened && event.experiment == "last" { break }
                }
                return seen
            }
            for _ in 0..<5 {
                try make(300, in: xpmd)
                try xpmd.crash()
                try xpmd.launch()
            }
            try xpmd.open("last")
            let last = try xpmd.status().lastEvent
            #expect(try await seen.value.map(\.sequence) == Array(1...last))
        }
    }

    @Test func pastIsListedFromItsEndPageByPage() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let run = try xpmd.open("first")
            try xpmd.addScript("board", "exec sleep 1000", to: run)
            try xpmd.start("board")
            try make(2_500, in: xpmd)
            let last = try xpmd.status().lastEvent
            let tape = try EventTape(xpmd.socket)
            try tape.read(to: last)
            let connection = try xpmd.connect()
            var (listed, before, pages) = ([EventRecord](), Int64?.none, 0)
            repeat {
                let page = try connection.call(ListEvents(before: before, limit: 1000))
                #expect(page.last == last && page.events.count <= 1000)
                listed = page.events + listed
                (before, pages) = (page.before, pages + 1)
            } while before != nil
            #expect(listed == tape.events && pages == (Int(last) + 999) / 1000)
            // Those of one service, though thousands came behind them.
            let own = tape.events.filter { $0.id == "board" }
            let reference = ServiceReference(id: "board")
            let found = try connection.call(ListEvents(limit: 2, service: reference))
            #expect(found.events == own.suffix(2) && found.before == own[own.count - 2].sequence)
            #expect(try connection.call(ListEvents(before: found.before, service: reference)).events == own.dropLast(2))
            #expect(try connection.call(ListEvents(since: last - 3)).events == tape.events.suffix(3))
            for refused in [ListEvents(limit: 0), ListEvents(limit: 1001), ListEvents(since: last + 1)] {
                let refusal = #expect(throws: WireError.self) { try connection.call(refused) }
                #expect(refusal?.code == .invalidParameters)
            }
        }
    }

    @Test func eventsOfXpmctlAreALineEach() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            try make(20, in: xpmd)
            let last = try xpmd.status().lastEvent
            let lines = try xpmd.ctl("events", "--since", "3", "-o", "json").output.split(separator: "\n")
            let events = try lines.map { try Wire.decode(EventRecord.self, from: $0.utf8) }
            #expect(events.map(\.sequence) == Array(4...last))
        }
    }
}
