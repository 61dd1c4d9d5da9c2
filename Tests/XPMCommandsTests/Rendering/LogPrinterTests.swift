import Synchronization
import Testing
import XPMProtocol

@testable import XPMCommands

struct LogPrinterTests {
    /// What was written, and what a terminal of endless width shows of it.
    private final class Paper: Sendable {
        let text = Mutex("")

        var shown: [String] {
            var lines: [[Unicode.Scalar]] = [[]]
            var rest = Array(text.withLock { $0 }.unicodeScalars)[...]
            while let scalar = rest.popFirst() {
                switch scalar {
                case "\n": lines.append([])
                case "\r":
                    #expect(Array(rest.prefix(3)) == ["\u{1b}", "[", "K"])
                    rest = rest.dropFirst(3)
                    lines[lines.count - 1] = []
                default: lines[lines.count - 1].append(scalar)
                }
            }
            return lines.map { String(String.UnicodeScalarView($0)) }
        }
    }

    private func printer(_ form: LogPrinter.Form, isTimed: Bool = false) -> (LogPrinter, Paper) {
        let paper = Paper()
        return (LogPrinter(form, isTimed: isTimed) { text in paper.text.withLock { $0 += text } }, paper)
    }

    private func piece(_ text: String, _ times: [ServiceLogs.LineTime]? = nil) -> ServiceLogs.Piece {
        ServiceLogs.Piece(text: text, next: 0, path: "/l", times: times)
    }

    @Test func elsewhereOnlyTheLastStateOfALineIsPrinted() throws {
        let (printer, paper) = printer(.lines)
        for text in ["10%", "\r20%", "", "\r30%"] { try printer.add(piece(text), of: .stderr) }
        #expect(paper.text.withLock { $0 } == "")
        try printer.add(piece("\r99%\nnext \u{1b}[2J\n50%\r51%"), of: .stderr)
        #expect(paper.text.withLock { $0 } == "99%\nnext \u{1b}[2J\n")
        try printer.finish()
        #expect(paper.text.withLock { $0 } == "99%\nnext \u{1b}[2J\n51%")
    }

    @Test func promptIsPrintedWhenNothingFollows() throws {
        let (printer, paper) = printer(.lines)
        for text in ["name? ", "", "Ada\n"] { try printer.add(piece(text), of: .stdout) }
        #expect(paper.text.withLock { $0 } == "name? Ada\n")
    }

    @Test func linesOfSeveralServicesAreWholeAndNamed() throws {
        let paper = Paper()
        let printers = ["web  | ", "db   | "].map { label in
            LogPrinter(.lines, label: label) { text in paper.text.withLock { $0 += text } }
        }
        try printers[0].add(piece("name? "), of: .stdout)
        try printers[0].add(piece(""), of: .stdout)
        try printers[1].add(piece("one\r\ntw"), of: .stdout)
        try printers[0].add(piece("Ada\n"), of: .stdout)
        for printer in printers { try printer.finish() }
        #expect(paper.text.withLock { $0 } == "web  | name? \ndb   | one\r\nweb  | Ada\ndb   | tw\n")
    }

    @Test func linesOfTwoLogsStayWhole() throws {
        let (printer, paper) = printer(.lines)
        try printer.add(piece("one\ntw"), of: .stdout)
        try printer.add(piece("error\n"), of: .stderr)
        try printer.add(piece("o\n"), of: .stdout)
        #expect(paper.text.withLock { $0 } == "one\nerror\ntwo\n")
    }

    @Test func terminalShowsTheUnfinishedLineBelowAllOthers() throws {
        let (printer, paper) = printer(.terminal(live: true))
        try printer.add(piece("begin\n10%"), of: .stderr)
        #expect(paper.shown == ["begin", "10%"])
        try printer.add(piece("\r20%"), of: .stderr)
        #expect(paper.shown == ["begin", "20%"])
        try printer.add(piece("loss 3\u{7}\n"), of: .stdout)
        #expect(paper.shown == ["begin", "loss 3^G", "20%"])
        try printer.add(piece("\r30%\n"), of: .stderr)
        #expect(paper.shown == ["begin", "loss 3^G", "30%", ""])
    }

    @Test func lineThatGoesOnIsNotWrittenAnew() throws {
        let (printer, paper) = printer(.terminal(live: true))
        for text in ["a", "b", "c\nd", "e"] { try printer.add(piece(text), of: .stdout) }
        #expect(paper.text.withLock { $0 } == "abc\nde")
    }

    @Test func eachLineBeginsWithItsTime() throws {
        let (printer, paper) = printer(.lines, isTimed: true)
        let at = Timestamp(milliseconds: 0)
        try printer.add(piece("a\nb\n", [.init(at: at, lines: 2)]), of: .stdout)
        try printer.add(piece("old\n"), of: .stdout)
        #expect(paper.text.withLock { $0 } == "1970-01-01T00:00:00.000Z a\n1970-01-01T00:00:00.000Z b\nold\n")
    }

    @Test func rawIsRaw() throws {
        let (printer, paper) = printer(.raw)
        for text in ["1%\r", "2%"] { try printer.add(piece(text), of: .stdout) }
        #expect(paper.text.withLock { $0 } == "1%\r2%")
    }
}
