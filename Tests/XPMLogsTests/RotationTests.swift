import Glibc
import Testing

@testable import XPMLogs

/// Rotation, and files of others.
struct RotationTests {
    @Test func filesEndWithWholeLinesAndTheOldestGo() throws {
        let logger = try LoggerFixture()
        let policy = RotationPolicy(size: 20_000, age: 0, count: 3)
        let (number, service, _) = try logger.run([Binaries.writer, "numbered", "0", "5000"], nil, policy)
        defer { awaitEnd(of: service) }
        try logger.end(number)
        let files = try LogFiles(of: logger.path)
        #expect(files.rotated.count == 3)
        #expect(files.orphans.isEmpty && files.foreign.isEmpty)
        for file in files.files {
            let bytes = contents(of: file.path)
            #expect(bytes.last == UInt8(ascii: "\n"))
            #expect(bytes.count < 20_000 + 300)
            #expect(records(of: file.sidecar).first?.kind == .attempt)
        }
        let numbers = files.rotated.compactMap(\.rotation)
        #expect(numbers == numbers.sorted() && numbers.first ?? 0 > 1)
        let positions = files.files.compactMap(\.header?.base)
        let ends = files.files.map { ($0.header?.base ?? 0) + $0.facts.size }
        #expect(Array(positions.dropFirst()) == Array(ends.dropLast()))
        let last = Array(try log(logger.path).suffix(Lines.line(4999).count))
        #expect(last == Lines.line(4999))
    }

    @Test func foreignFilesAreNeverTouched() throws {
        let logger = try LoggerFixture()
        for name in ["out.1", "out.2.times", "out.3", "out.3.times", "out.old", "out.01"] {
            try logger.folder.write(name, "the user's \(name)")
        }
        let policy = RotationPolicy(size: 10_000, age: 0, count: 0)
        let (number, service, _) = try logger.run([Binaries.writer, "numbered", "0", "2000"], nil, policy)
        defer { awaitEnd(of: service) }
        try logger.end(number)
        for name in ["out.1", "out.2.times", "out.3", "out.3.times", "out.old", "out.01"] {
            #expect(logger.folder.text(name) == "the user's \(name)")
        }
        #expect(logger.folder.text("out").hasSuffix(String(decoding: Lines.line(1999), as: UTF8.self)))
    }

    @Test func aFileThatWasThereIsAppendedToAndNeverDeleted() throws {
        let logger = try LoggerFixture()
        try logger.folder.write("out", "from before\n")
        let policy = RotationPolicy(size: 10_000, age: 0, count: 0)
        let (number, service, _) = try logger.run([Binaries.writer, "numbered", "0", "2000"], nil, policy)
        defer { awaitEnd(of: service) }
        try logger.end(number)
        let kept = try LogFiles(of: logger.path).files.first
        #expect(kept?.header?.isAdopted == true)
        #expect(kept.map { contents(of: $0.path).starts(with: Array("from before\n0\n".utf8)) } == true)
    }

    @Test func aSidecarOfSomebodyElseIsLeftAndTheLogWrittenWithoutTimes() throws {
        let logger = try LoggerFixture()
        try logger.folder.write("out.times", "the user's")
        let (number, writer) = try logger.take(nil, RotationPolicy(size: 10, age: 0, count: 1))
        try put("a line\nanother one\n", writer)
        try logger.next { if case .fault = $0 { true } else { false } }
        try logger.settle(number)
        #expect(logger.folder.text("out") == "a line\nanother one\n")
        #expect(logger.folder.text("out.times") == "the user's")
        withExtendedLifetime(writer) {}
    }

    @Test func anOldFileIsRotatedByAge() throws {
        let logger = try LoggerFixture()
        let policy = RotationPolicy(size: 0, age: 3600, count: 5)
        var (number, writer) = try logger.take(nil, policy)
        try put("old\n", writer)
        try logger.settle(number)
        try logger.send(.forget(stream: number))
        // Made two hours ago, by its header.
        let sidecar = logger.path + ".times"
        var header = try #require(try OpenFile.open(sidecar, O_RDONLY).header())
        header.created -= 7200 * 1_000_000
        header.hasBirth = false
        let file = OpenFile(open(sidecar, O_WRONLY | O_CLOEXEC))
        #expect(pwrite(file.descriptor, header.encode(), LogHeader.size, 0) == LogHeader.size)
        (number, writer) = try logger.take(nil, policy)
        try put("new\n", writer)
        try logger.settle(number)
        #expect(logger.folder.text("out.1") == "old\n")
        #expect(logger.folder.text("out") == "new\n")
        withExtendedLifetime(writer) {}
    }

    /// What a kill or a power cut leaves between two steps of a rotation is brought in order.
    @Test(arguments: 0..<4) func aHalfDoneRotationIsFinished(_ step: Int) throws {
        let logger = try LoggerFixture()
        var (number, writer) = try logger.take()
        try put("one\n", writer)
        try logger.settle(number)
        logger.killLogger()
        let path = logger.path
        if step >= 0 { #expect(rename(path, path + ".1") == 0) }
        if step >= 1 { #expect(rename(path + ".times", path + ".1.times") == 0) }
        if step >= 2 { try logger.folder.write("out", "") }
        if step >= 3 { try logger.folder.write("out.times", "\0\0\0\0") }
        try logger.relaunch()
        (number, writer) = try logger.take()
        try put("two\n", writer)
        try logger.settle(number)
        let files = try LogFiles(of: path)
        #expect(files.files.map(\.path) == [path + ".1", path])
        #expect(files.files.compactMap(\.header?.base) == [0, 4])
        #expect(files.files.allSatisfy { $0.header?.isAdopted == false })
        #expect(Set(files.files.compactMap(\.header?.logID)).count == 1)
        #expect(try log(path) == Array("one\ntwo\n".utf8))
        withExtendedLifetime(writer) {}
    }

    @Test func clearingBeginsAfreshAndPositionsGoOn() throws {
        let logger = try LoggerFixture()
        let (number, writer) = try logger.take(nil, RotationPolicy(size: 4, age: 0, count: 5))
        try put("one\n", writer)
        try put("two\n", writer)
        try logger.settle(number)
        try logger.send(.clear(path: logger.path))
        #expect(
            try logger.next { if case .cleared = $0 { true } else { false } }
                == .cleared(path: logger.path, problem: ""))
        #expect(logger.folder.names.filter { $0.hasPrefix("out") } == ["out", "out.times"])
        try put("six\n", writer)
        try logger.settle(number)
        let files = try LogFiles(of: logger.path)
        #expect(files.files.compactMap(\.header?.base) == [8])
        #expect(logger.folder.text("out") == "six\n")
        withExtendedLifetime(writer) {}
    }
}
