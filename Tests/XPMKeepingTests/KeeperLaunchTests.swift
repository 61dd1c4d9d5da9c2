import Glibc
import Testing

@testable import XPMKeeping

struct KeeperLaunchTests {
    @Test func socketIsPrivate() throws {
        try withKeeper { keeper in
            var status = stat()
            #expect(lstat(keeper.socketPath, &status) == 0)
            #expect(status.st_mode & 0o777 == 0o600)
        }
    }

    @Test func livingKeeperIsNotReplaced() throws {
        try withKeeper { keeper in
            let client = try keeper.greet().client
            let launch = KeeperLaunch(
                executable: Binaries.keeper, socketPath: keeper.socketPath, logPath: keeper.folder.path + "/log")
            #expect(throws: KeeperLaunchError.occupied(keeper.socketPath, "a living keeper")) {
                try launch.startAlone()
            }
            #expect(try client.greet().isEmpty)
        }
    }

    @Test func otherFileIsNotReplaced() throws {
        let folder = try Scratch()
        defer { folder.remove() }
        try folder.write("file", "precious")
        let launch = KeeperLaunch(
            executable: Binaries.keeper, socketPath: folder.path + "/file", logPath: folder.path + "/log")
        #expect(throws: KeeperLaunchError.occupied(launch.socketPath, "a file that is no socket")) {
            try launch.startAlone()
        }
        #expect(folder.read("file") == "precious")
    }

    @Test func pathBeyondSunPathIsNamed() throws {
        let path = "/tmp/" + String(repeating: "x", count: 103)
        let launch = KeeperLaunch(executable: Binaries.keeper, socketPath: path, logPath: "/dev/null")
        #expect(throws: KeeperLaunchError.unfitPath(path, length: 108)) { try launch.startAlone() }
    }

    @Test func missingExecutableLeavesNoSocket() throws {
        let folder = try Scratch()
        defer { folder.remove() }
        let launch = KeeperLaunch(
            executable: folder.path + "/missing", socketPath: folder.path + "/socket", logPath: "/dev/null")
        let error = #expect(throws: KeeperLaunchError.self) { try launch.startAlone() }
        #expect(error?.code == .notStarted)
        #expect(error?.cause == ENOENT)
        #expect(access(launch.socketPath, F_OK) != 0)
    }

    @Test func keeperIsDetached() throws {
        try withKeeper { keeper in
            _ = try keeper.greet()
            let stat = try #require(ProcessFiles.stat(of: keeper.keeper))
            #expect(stat.session == keeper.keeper)
        }
    }
}
