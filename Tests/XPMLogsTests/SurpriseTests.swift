import CLinux
import Glibc
import Testing

@testable import XPMLogs

/// Others move, remove, empty and replace a log's file.
struct SurpriseTests {
    /// The file is looked at by its descriptor after each write, so these are noticed at once.
    @Test func aRemovedFileIsWrittenAnew() throws {
        let logger = try LoggerFixture()
        let (number, writer) = try logger.take()
        try put("one\n", writer)
        try logger.settle(number)
        unlink(logger.path)
        try put("two\n", writer)
        try logger.settle(number)
        #expect(logger.folder.text("out") == "two\n")
        try logger.next { $0 == .surprise(stream: number, path: logger.path, .removed) }
        #expect(try LogFiles(of: logger.path).current?.header?.base == 4)
        withExtendedLifetime(writer) {}
    }

    /// As logrotate does with copytruncate.
    @Test func anEmptiedFileIsPutAsideAndNothingWrittenSinceIsLost() throws {
        let logger = try LoggerFixture()
        let (number, writer) = try logger.take()
        try put("one\n", writer)
        try logger.settle(number)
        truncate(logger.path, 0)
        try put("two\n", writer)
        try put("three\n", writer)
        try logger.settle(number)
        try logger.next { $0 == .surprise(stream: number, path: logger.path, .emptied) }
        #expect(try log(logger.path) == Array("two\nthree\n".utf8))
        withExtendedLifetime(writer) {}
    }

    /// As logrotate does with create: the file gets another name, and an empty one of its own takes its place.
    @Test func aRenamedFileKeepsItsLinesAndTheNewOneGetsTheNext() throws {
        let logger = try LoggerFixture()
        let (number, writer) = try logger.take()
        try put("one\n", writer)
        try logger.settle(number)
        rename(logger.path, logger.path + ".1")
        try logger.folder.write("out", "")
        // By its path it is looked at once a second, so that lines may still go into the renamed file; none is lost.
        var count = 0
        while logger.folder.read("out").isEmpty {
            count += 1
            try put("line \(count)\n", writer)
            try logger.settle(number)
        }
        try logger.next { $0 == .surprise(stream: number, path: logger.path, .moved) }
        let text = String(decoding: try log(logger.path), as: UTF8.self)
        #expect(text == "one\n" + (1...count).map { "line \($0)\n" }.joined())
        #expect(logger.folder.text("out") == "line \(count)\n")
        withExtendedLifetime(writer) {}
    }

    @Test func linesOfSomebodyElseAreKept() throws {
        let logger = try LoggerFixture()
        let (number, writer) = try logger.take()
        try put("one\n", writer)
        try logger.settle(number)
        try logger.folder.write("out", "theirs\n")
        try put("two\n", writer)
        try logger.settle(number)
        try logger.next { $0 == .surprise(stream: number, path: logger.path, .appended) }
        #expect(logger.folder.text("out") == "one\ntheirs\ntwo\n")
        withExtendedLifetime(writer) {}
    }

    @Test(arguments: [S_IFIFO, S_IFDIR, S_IFSOCK]) func whatIsNoFileIsAFaultAndHangsNobody(_ type: mode_t) throws {
        let logger = try LoggerFixture()
        switch type {
        case S_IFDIR: mkdir(logger.path, 0o700)
        default: #expect(mknod(logger.path, type | 0o600, 0) == 0)
        }
        let (number, writer) = try logger.take()
        let other = try logger.take(logger.folder.path + "/other")
        try logger.next { if case .fault(number, _) = $0 { true } else { false } }
        try put("well\n", other.writer)
        try logger.settle(other.number)
        #expect(logger.folder.text("other") == "well\n")
        // The place is made free: it is written there.
        if rmdir(logger.path) != 0 { unlink(logger.path) }
        try put("late\n", writer)
        try logger.settle(number)
        #expect(logger.folder.text("out") == "late\n")
        withExtendedLifetime(other.writer) {}
    }

    @Test func aLinkIsFollowed() throws {
        let logger = try LoggerFixture()
        mkdir(logger.folder.path + "/far", 0o700)
        symlink("far/train.log", logger.path)
        let (number, writer) = try logger.take(nil, RotationPolicy(size: 4, age: 0, count: 5))
        try put("one\ntwo\n", writer)
        try logger.settle(number)
        #expect(logger.folder.text("far/train.log.1") == "one\n")
        #expect(logger.folder.text("far/train.log") == "two\n")
        #expect(try LogPath.resolve(logger.path) == logger.folder.path + "/far/train.log")
        withExtendedLifetime(writer) {}
    }
}
