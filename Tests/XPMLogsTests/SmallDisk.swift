import Glibc

@testable import XPMLogs

/// A file system in memory, of a few hundred kilobytes. It is unmounted when the test lets go of it.
final class SmallDisk {
    let path: String
    private let scratch: Scratch

    /// `files`: so many, with its root; 0 for no limit.
    init(kilobytes: Int, files: Int = 0) throws {
        scratch = try Scratch()
        path = scratch.path + "/disk"
        guard mkdir(path, 0o700) == 0,
            mount("xpm-test", path, "tmpfs", 0, "size=\(kilobytes)k,nr_inodes=\(files),mode=700") == 0
        else {
            throw TestFailure("cannot mount a tmpfs: errno \(errno)")
        }
    }

    deinit { umount2(path, Int32(MNT_DETACH)) }

    /// Whether this process may mount at all.
    static let isPossible: Bool = (try? SmallDisk(kilobytes: 64)) != nil

    private var ballast: String { path + "/ballast" }

    /// Takes the room that is left.
    func fill() throws {
        let file = OpenFile(open(ballast, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600))
        let block = [UInt8](repeating: 1, count: 4096)
        while write(file.descriptor, block, block.count) > 0 {}
        guard errno == ENOSPC else { throw TestFailure("cannot fill \(path): errno \(errno)") }
    }

    func makeRoom() { unlink(ballast) }

    /// Makes it larger.
    func resize(kilobytes: Int, files: Int = 0) throws {
        let options = "size=\(kilobytes)k" + (files > 0 ? ",nr_inodes=\(files)" : "")
        guard mount("xpm-test", path, "tmpfs", UInt(MS_REMOUNT), options) == 0 else {
            throw TestFailure("cannot resize \(path): errno \(errno)")
        }
    }
}
