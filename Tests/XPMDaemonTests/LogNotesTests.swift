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
        let first = notes.add("/a", "lacks 1 line that could not be written")
        #expect(first?.note == "its log /a lacks 1 line that could not be written")
        let second = notes.add("/a", "lacks 41 lines that could not be written")
        #expect(second?.old == first?.note && second?.note == "its log /a lacks 42 lines that could not be written")
        // Another cause is another note.
        let third = notes.add("/a", "lacks 2 lines that nobody read")
        #expect(third?.old == nil && third?.note == "its log /a lacks 2 lines that nobody read")
    }

    @Test func whatGoesOnHappeningIsFewEvents() {
        var notes = LogNotes()
        var events: [Int] = []
        for time in 1...1000 where notes.add("/a", "lacks 3 lines that could not be written")?.isEvent == true {
            events.append(time)
        }
        #expect(events == [1, 2, 4, 8, 16, 32, 64, 128, 256, 512])
    }

    @Test func kindsAreBounded() {
        var notes = LogNotes()
        var kept = 0
        for length in 0..<100 where notes.add(String(repeating: "x", count: length), "was removed") != nil { kept += 1 }
        #expect(kept == 16)
    }
}
