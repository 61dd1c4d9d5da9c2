import Testing
import XPMProtocol

@testable import XPMCommands

struct LineFolderTests {
    private func fold(_ pieces: [String]) -> String {
        var folder = LineFolder()
        return (pieces.flatMap { folder.add($0) } + [folder.finish()].compactMap { $0 }).map(\.text).joined()
    }

    @Test(arguments: [
        ("plain\nlines\n", "plain\nlines\n"), ("10%\r20%\r30%\ndone", "30%\ndone"), ("10%\r20%\r", "20%"),
        ("dos\r\nlines\r\n", "dos\r\nlines\r\n"), ("a\r\r\n", "a\r\n"), ("\n\n", "\n\n"), ("\rfirst", "first"),
        ("", ""),
        ("epoch 1\n 5%\r95%\r\nepoch 2", "epoch 1\n95%\r\nepoch 2"),
    ])
    func lineIsFoldedToItsLastStateHoweverItComes(text: String, folded: String) {
        #expect(fold([text]) == folded)
        #expect(fold(text.unicodeScalars.map { String($0) }) == folded)
    }

    @Test func unfinishedLineIsThereToBeShown() {
        var folder = LineFolder()
        #expect(folder.add("1%\r2%").isEmpty)
        #expect(folder.unfinished?.text == "2%" && folder.isProgress)
        #expect(folder.add("\r3%\nnext").map(\.text) == ["3%\n"])
        #expect(folder.unfinished?.text == "next" && !folder.isProgress)
    }

    @Test func lineBearsTheTimeOfItsBeginning() {
        let times = (0...2).map { Timestamp(milliseconds: $0) }
        var folder = LineFolder()
        let first = folder.add("a\nb\nc", times: [.init(at: times[0], lines: 2), .init(at: times[1], lines: 1)])
        #expect(first.map(\.time) == [times[0], times[0]])
        let second = folder.add("c\nd\n", times: [.init(at: times[2], lines: 2)])
        #expect(second.map(\.text) == ["cc\n", "d\n"] && second.map(\.time) == [times[1], times[2]])
    }

    @Test func endlessLineIsGivenOutInParts() {
        var folder = LineFolder()
        let part = folder.add(String(repeating: "x", count: (1 << 20) + 1))
        #expect(part.count == 1 && !part[0].isContinued)
        #expect(folder.add("y\n") == [.init(text: "y\n", isContinued: true)])
        #expect(folder.add("z\n") == [.init(text: "z\n")])
    }
}
