import Glibc
import Testing

@testable import XPMLogs

/// Emptying a log while its service writes.
struct ClearTests {
    @Test func nothingAfterTheClearIsLost() throws {
        let logger = try LoggerFixture()
        try logger.folder.write("out.1", "the user's")
        let policy = RotationPolicy(size: 20_000, age: 0, count: 5)
        let (number, service, _) = try logger.run([Binaries.writer, "numbered", "0", "30000"], nil, policy)
        defer { awaitEnd(of: service) }
        for _ in 0..<20 {
            try logger.send(.clear(path: logger.path))
            let answer = try logger.next { if case .cleared = $0 { true } else { false } }
            #expect(answer == .cleared(path: logger.path, problem: ""))
        }
        try logger.end(number)
        let bytes = try log(logger.path)
        // What is left is whole, in order, and ends with the last line.
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
        let first = lines.dropFirst().first.flatMap { Int($0.prefix { $0 != " " }) } ?? 30_000
        let wanted = (first..<30_000).flatMap { Lines.line($0) }
        #expect(bytes.suffix(wanted.count).elementsEqual(wanted))
        #expect(logger.folder.text("out.1") == "the user's")
        let files = try LogFiles(of: logger.path)
        #expect(files.orphans.isEmpty && files.foreign.map(\.path) == [logger.path + ".1"])
        try logger.expectHealth()
    }

    @Test func cursorsFromBeforeTellALoss() throws {
        let logger = try LoggerFixture()
        let (number, writer) = try logger.take()
        try put("one\ntwo\nthree\n", writer)
        try logger.settle(number)
        let reader = LogReader(stdout: logger.path, stderr: nil)
        let early = try reader.page(LogQuery(entryLimit: 1)).cursor
        let late = try reader.page(LogQuery()).cursor
        try logger.send(.clear(path: logger.path))
        try logger.next { if case .cleared = $0 { true } else { false } }
        #expect(try reader.page(LogQuery(cursor: late)).lost == [])
        try put("four\n", writer)
        try logger.settle(number)
        let page = try reader.page(LogQuery(cursor: early))
        #expect(page.lost == [.init(stream: .stdout, bytes: 10)])
        #expect(page.bytes == Array("four\n".utf8))
        let next = try reader.page(LogQuery(cursor: late))
        #expect(next.lost == [] && next.bytes == Array("four\n".utf8))
        withExtendedLifetime(writer) {}
    }
}
