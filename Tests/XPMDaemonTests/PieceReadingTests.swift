import LogFixture
import Testing
import XPMLogs
import XPMProtocol

@testable import XPMDaemon

/// Pieces of one log by offsets, as clients of the first protocol ask for them.
@Suite struct PieceReadingTests {
    private let scratch: LogFixture.Scratch
    private let out: LogScribe

    init() throws {
        scratch = try LogFixture.Scratch()
        out = try LogScribe(scratch.stdout)
    }

    private func read(attempt: Int64 = 0, _ change: (inout ServiceLogs) -> Void = { _ in }) throws -> ServiceLogs.Piece
    {
        var request = ServiceLogs(ServiceReference(id: "job"), stream: .stdout)
        change(&request)
        let reading = PieceReading(request, .stdout, path: scratch.stdout, attempt: attempt)
        return try reading.read(reading.start).reply.piece
    }

    @Test func lastLinesAndOffsetsGiveText() throws {
        out.write("one\ntwo\nthree\npart", at: 1)
        #expect(try read { $0.lines = 2 }.text == "three\npart")
        #expect(try read { $0.offset = 4 } == .init(text: "two\nthree\npart", next: 18, path: scratch.stdout))
        #expect(try read { $0.offset = 18 } == .init(text: "", next: 18, path: scratch.stdout))
        // Behind the end there is nothing, and one goes on at the end.
        #expect(try read { $0.offset = 25 } == .init(text: "", next: 18, path: scratch.stdout))
        #expect(try read(attempt: 8) { ($0.lastAttempt, $0.offset) = (true, 0) }.text == "three\npart")
    }

    @Test func offsetsGoOnOverRotations() throws {
        out.write("one\n", at: 1)
        try out.rotate()
        out.write("two\n", at: 2)
        #expect(try read { $0.offset = 0 }.text == "one\ntwo\n")
        #expect(try read { $0.offset = 2 }.text == "e\ntwo\n")
        out.prune(through: 1)
        #expect(try read { $0.offset = 2 } == .init(text: "two\n", next: 8, path: scratch.stdout))
    }

    @Test func timesAreThoseOfTheFirstBytes() throws {
        out.write("one\ntwo\n", at: 1_500)
        out.write("three\n", at: 2_000)
        let piece = try read { ($0.offset, $0.timestamps) = (0, true) }
        #expect(
            piece.times == [
                .init(at: Timestamp(milliseconds: 1), lines: 2), .init(at: Timestamp(milliseconds: 2), lines: 1),
            ])
        #expect(try read { $0.since = Timestamp(milliseconds: 2) }.text == "three\n")
        #expect(try read { $0.until = Timestamp(milliseconds: 1) }.text == "one\ntwo\n")
    }

    /// Of the last lines the last that there is room for, whole; from an offset the first, to go on.
    @Test func aPieceIsBoundedAndNothingIsLostBetweenTwo() throws {
        let line = String(repeating: "\u{20AC}", count: 100_000) + "\n"
        for time in 0..<5 { out.write(line, at: Int64(time)) }
        let last = try read { $0.lines = 5 }
        #expect(last.text == line + line + line && last.next == Int64(5 * line.utf8.count))
        var (text, offset) = ("", Int64(0))
        while true {
            let piece = try read { $0.offset = offset }
            if piece.text.isEmpty { break }
            #expect(piece.text.utf8.count <= 1 << 20)
            (text, offset) = (text + piece.text, piece.next)
        }
        #expect(text == String(repeating: line, count: 5))
    }
}
