import Glibc
import Testing

@testable import XPMLogs

/// A log whose folder cannot be used for a while, or never, goes on in the file that is open: no line is lost over it.
struct PlaceTests {
    private func logs(_ logger: LoggerFixture) -> String {
        let path = logger.folder.path + "/logs"
        mkdir(path, 0o700)
        return path
    }

    @Test func aFolderThatCannotBeSearchedCostsNoLine() throws {
        let logger = try LoggerFixture(isBound: true)
        let folder = logs(logger)
        let (number, writer) = try logger.take(folder + "/out")
        var count = try logger.write(number, writer, from: 0) { FileFacts(folder + "/out")?.size ?? 0 > 0 }
        chmod(folder, 0)
        defer { chmod(folder, 0o700) }
        // It is looked at once a second.
        count = try logger.write(number, writer, from: count) { !logger.isHealthy }
        #expect(
            try logger.fault(number)
                == "is written in the file that is open, for its place cannot be looked at: permission denied")
        chmod(folder, 0o700)
        try logger.expectHealth()
        #expect(Lines.whole(try log(folder + "/out")) == (count, nil))
        withExtendedLifetime(writer) {}
    }

    @Test func aFolderThatCannotBeWrittenCostsNoLineAndIsRotatedLater() throws {
        let logger = try LoggerFixture(isBound: true)
        let folder = logs(logger)
        let (number, writer) = try logger.take(folder + "/out", RotationPolicy(size: 1000, age: 0, count: 9))
        var count = try logger.write(number, writer, from: 0) { FileFacts(folder + "/out")?.size ?? 0 > 0 }
        chmod(folder, 0o500)
        defer { chmod(folder, 0o700) }
        count = try logger.write(number, writer, from: count) { FileFacts(folder + "/out")?.size ?? 0 > 3000 }
        #expect(
            try logger.fault(number) == "cannot be rotated, and grows beyond its limit: permission denied")
        try logger.expectHealth()
        chmod(folder, 0o700)
        count = try logger.write(number, writer, from: count) { FileFacts(folder + "/out.1") != nil }
        try logger.expectHealth()
        #expect(Lines.whole(try log(folder + "/out")) == (count, nil))
        withExtendedLifetime(writer) {}
    }

    /// The rename has succeeded when the new file cannot be made: it is taken back.
    @Test(.enabled(if: SmallDisk.isPossible, "a small disk needs the right to mount a tmpfs; run the tests as root"))
    func whereThereIsNoRoomForANewFileTheOldOneGoesOn() throws {
        let logger = try LoggerFixture()
        // Its root, a log and its sidecar.
        let disk = try SmallDisk(kilobytes: 1024, files: 3)
        let path = disk.path + "/out"
        let (number, writer) = try logger.take(path, RotationPolicy(size: 1000, age: 0, count: 9))
        var count = try logger.write(number, writer, from: 0) { FileFacts(path)?.size ?? 0 > 3000 }
        #expect(
            try logger.fault(number) == "cannot be rotated, and grows beyond its limit: no space left on device")
        try logger.expectHealth()
        #expect(try LogFiles(of: path).files.map(\.path) == [path])
        try disk.resize(kilobytes: 65536, files: 100)
        count = try logger.write(number, writer, from: count) { FileFacts(path + ".1") != nil }
        try logger.expectHealth()
        #expect(Lines.whole(try log(path)) == (count, nil))
        withExtendedLifetime(writer) {}
    }
}
