import Synchronization
import Testing
import XPMProtocol

@testable import XPMCommands

struct PagePrinterTests {
    private final class Paper: Sendable {
        let text = Mutex("")
        func write(_ more: String) { text.withLock { $0 += more } }
    }

    private func entry(
        _ text: String, _ stream: ServiceLogs.Stream = .stdout, attempt: UInt64 = 1, open: Bool = false,
        continues: Bool = false
    ) -> ServiceLogs.Entry {
        var entry = ServiceLogs.Entry(stream, attempt: attempt, microseconds: 0, text: text)
        (entry.isOpen, entry.continues) = (open, continues)
        return entry
    }

    private func print(
        _ pages: [ServiceLogs.Page], _ form: LogPrinter.Form, separates: Bool = true, label: String? = nil
    ) throws -> String {
        let paper = Paper()
        let lines = LogPrinter(form, label: label, clock: .utc) { paper.write($0) }
        let printer = PagePrinter(.text(lines), of: "x", separates: separates, clock: .utc, warn: { _ in })
        for page in pages {
            try printer.tellFaults(of: page)
            try printer.add(page.entries[...], of: page)
        }
        try lines.finish()
        return paper.text.withLock { $0 }
    }

    private func page(_ entries: [ServiceLogs.Entry], lost: [ServiceLogs.Loss] = []) -> ServiceLogs.Page {
        ServiceLogs.Page(
            entries, attempts: [.init(1), .init(2, began: Timestamp(milliseconds: 250)), .init(3)], cursor: "c",
            lost: lost)
    }

    @Test func attemptsAreSeparatedAndDated() throws {
        let pages = [
            page([entry("a"), entry("b", attempt: 2)]), page([entry("c", attempt: 2), entry("d", attempt: 3)]),
        ]
        let separated = """
            a
            -- attempt 2, began 1970-01-01T00:00:00.250Z --
            b
            c
            -- attempt 3 --
            d

            """
        #expect(try print(pages, .terminal(live: false)) == separated)
        #expect(try print(pages, .terminal(live: true)) == separated)
        #expect(try print(pages, .lines, separates: false) == "a\nb\nc\nd\n")
        #expect(try print(pages, .terminal(live: false), label: "x | ").contains("x | -- attempt 3 --\n"))
    }

    @Test func gapsStandBetweenTheLinesOnATerminal() throws {
        var second = entry("b")
        second.dropped = 1_234_567
        let pages = [page([entry("a"), second], lost: [.init(.stderr, bytes: 1 << 20)])]
        let printed = try print(pages, .terminal(live: false))
        #expect(
            printed == """
                -- 1 MiB of stderr is gone: rotated away or cleared before it was read --
                a
                -- 1,234,567 lines of stdout dropped here --
                b

                """)
    }

    /// A line that is overtaken is printed when it is whole, and one that nothing continues is ended.
    @Test func linesStayWhole() throws {
        let pages = [
            page([entry("one tw", open: true), entry("oops", .stderr), entry("o", continues: true)]),
            page([entry("killed", open: true), entry("next", attempt: 2)]),
        ]
        #expect(try print(pages, .lines, separates: false) == "oops\none two\nkilled\nnext\n")
        #expect(try print(pages, .raw, separates: false) == "one twoops\no\nkilled\nnext\n")
    }

    @Test func promptIsPrintedWhenNothingFollows() throws {
        let pages = [page([entry("name? ", open: true)]), page([]), page([entry("Ada", continues: true)])]
        #expect(try print(pages, .lines, separates: false) == "name? Ada\n")
        #expect(try print(Array(pages.prefix(1)), .terminal(live: true)) == "name? ")
    }
}
