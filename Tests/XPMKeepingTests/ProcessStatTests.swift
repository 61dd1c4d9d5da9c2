import Testing

@testable import XPMKeeping

struct ProcessStatTests {
    private func line(name: String = "sleep", state: Character = "S", threads: Int = 1) -> ProcessStat? {
        let before = "4194560 1 2 3 4 5 6 7 8 20 0"
        let text = "42 (\(name)) \(state) 7 40 41 0 -1 \(before) \(threads) 0 12345 9 9\n"
        return ProcessStat(line: Array(text.utf8))
    }

    @Test func timesOfAnySizeAreRead() {
        let most = "18446744073709551615"
        let line = "7 (x) S 1 7 7 0 -1 0 0 0 0 0 \(most) \(most) \(most) \(most) 20 0 1 0 \(most) 0 0"
        #expect(ProcessStat(line: Array(line.utf8))?.startTime == .max)
    }

    @Test(arguments: ["sleep", "a b", ") Z 1 (", "((", "))", ""])
    func nameMayBeAnything(_ name: String) throws {
        let stat = try #require(line(name: name))
        #expect(stat.pid == 42)
        #expect(stat.parent == 7)
        #expect(stat.group == 40)
        #expect(stat.session == 41)
        #expect(stat.startTime == 12345)
        #expect(!stat.isGone)
    }

    @Test func zombieIsGoneUnlessItsThreadsGoOn() throws {
        #expect(try #require(line(state: "Z")).isGone)
        #expect(try #require(line(state: "X", threads: 0)).isGone)
        #expect(try !#require(line(state: "Z", threads: 3)).isGone)
    }

    @Test(arguments: ["", "42", "42 (x)", "42 )x( S 1", "x (x) S 1 2 3"])
    func otherLinesAreRefused(_ line: String) {
        #expect(ProcessStat(line: Array(line.utf8)) == nil)
    }

    @Test(
        arguments: [
            ("0", 0), ("-1", -1), ("2147483647", .max), ("-2147483648", .min), ("2147483648", nil),
            ("-2147483649", nil),
            ("99999999999", nil), ("", nil), ("-", nil), ("1 ", nil), ("+1", nil),
        ] as [(String, Int32?)])
    func numberIsReadExactlyOrNotAtAll(_ text: String, _ number: Int32?) {
        #expect(Int32(ascii: ArraySlice(text.utf8)) == number)
    }

    @Test func closureHoldsDescendantsOnly() throws {
        let shape: [(Int32, Int32)] = [(1, 0), (2, 1), (3, 1), (4, 2), (5, 4), (6, 3), (7, 7)]
        let processes = try shape.map { pid, parent in
            var process = try #require(line())
            process.pid = pid
            process.parent = parent
            return process
        }
        #expect(ProcessTree.closure(of: [2], in: processes).map(\.pid) == [2, 4, 5])
        #expect(ProcessTree.closure(of: [2, 4, 7], in: processes).map(\.pid).sorted() == [2, 4, 5, 7])
        #expect(ProcessTree.closure(of: [9], in: processes).isEmpty)
    }
}
