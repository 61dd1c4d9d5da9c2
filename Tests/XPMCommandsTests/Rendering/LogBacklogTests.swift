import SeededRandom
import Testing
import XPMClient
import XPMProtocol

@testable import XPMCommands

struct LogBacklogTests {
    private static let selection = LogSelection(streams: [.stdout], lines: nil)

    /// Any number of services, whose pages have any length: all comes, of each in its order, and by time where the clocks are right.
    @Test(arguments: 1...20) func allIsPrintedInOneOrder(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let logs: [[Int64]] = (0..<Int.random(in: 1...9, using: &random)).map { _ in
            (0..<Int.random(in: 0...40, using: &random)).map { _ in Int64.random(in: 0...60, using: &random) }.sorted()
        }
        var read = logs.map { _ in 0 }
        var printed: [(service: Int, time: Int64)] = []
        func page(_ service: Int) -> ServiceLogs.Page {
            let end = min(read[service] + Int.random(in: 0...5, using: &random), logs[service].count)
            defer { read[service] = end }
            let entries = logs[service][read[service]..<end].map {
                ServiceLogs.Entry(.stdout, attempt: 1, microseconds: $0, text: "\(service)")
            }
            return ServiceLogs.Page(entries, cursor: "\(end)", more: end < logs[service].count)
        }
        let feeds = try logs.indices.map { index in
            let printer = PagePrinter(
                .json, of: "\(index)", separates: false,
                write: { text in
                    for line in text.split(separator: "\n") {
                        let line = try Wire.decode([String: JSONValue].self, from: line.utf8)
                        guard case .integer(let time)? = line["at_us"] else { continue }
                        printed.append((index, time))
                    }
                }, warn: { _ in })
            return try PageFeed(
                Self.selection, of: ServiceReference(id: "\(index)"), first: page(index), takesParts: true, printer)
        }
        var backlog = LogBacklog(feeds) { page($0) }
        try backlog.print()
        for index in logs.indices { #expect(printed.filter { $0.service == index }.map(\.time) == logs[index]) }
        #expect(printed.map(\.time) == printed.map(\.time).sorted())
        #expect(printed.count == logs.map(\.count).reduce(0, +))
    }
}
