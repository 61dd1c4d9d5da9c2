import Testing

@testable import XPMDaemon

/// What is told of logs to which the same happens again and again.
@Suite struct LogNotesTests {
    @Test func theSameIsOneNoteThatCounts() {
        var notes = LogNotes()
        let first = notes.add("/a", "was moved: a new one was begun")
        #expect(first == .init(old: nil, note: "its log /a was moved: a new one was begun", isEvent: true))
        let second = notes.add("/a", "was moved: a new one was begun")
        #expect(second?.old == first?.note && second?.note == "its log /a was moved: a new one was begun (2 times)")
        let others = [
            notes.add("/b", "was moved: a new one was begun"), notes.add("/a", "was emptied by another program"),
        ]
        #expect(others.allSatisfy { $0 != nil && $0?.old == nil })
    }

    @Test func droppedLinesAreSummed() {
        var notes = LogNotes()
        let first = notes.add("/a", "1 line was dropped")
        #expect(first?.note == "its log /a: 1 line was dropped")
        let second = notes.add("/a", "41 lines were dropped")
        #expect(second?.old == first?.note && second?.note == "its log /a: 42 lines were dropped")
        // Another cause is another note.
        let third = notes.add("/a", "2 lines were dropped: disk full")
        #expect(third?.old == nil && third?.note == "its log /a: 2 lines were dropped: disk full")
    }

    @Test func whatGoesOnHappeningIsFewEvents() {
        var notes = LogNotes()
        var events: [Int] = []
        for time in 1...1000 where notes.add("/a", "3 lines were dropped")?.isEvent == true { events.append(time) }
        #expect(events == [1, 2, 4, 8, 16, 32, 64, 128, 256, 512])
    }

    @Test func kindsAreBounded() {
        var notes = LogNotes()
        var kept = 0
        for length in 0..<100 where notes.add(String(repeating: "x", count: length), "was removed") != nil { kept += 1 }
        #expect(kept == 16)
    }
}
