import Glibc

/// A file system in memory of a few hundred kilobytes. It is unmounted when the test lets go of it.
final class SmallDisk: Sendable {
    let path: String
    private let scratch: Scratch

    init(kilobytes: Int = 2048) throws {
        scratch = try Scratch()
        path = try scratch.folder("disk")
        guard mount("xpm-test", path, "tmpfs", 0, "size=\(kilobytes)k,mode=700") == 0 else {
            throw FixtureFailure("cannot mount a tmpfs: errno \(errno)")
        }
    }

    deinit {
        // Lazily: SQLite's connections close on a queue of their own.
        umount2(path, Int32(MNT_DETACH))
    }

    /// Whether this process may mount at all.
    static let isPossible: Bool = (try? SmallDisk(kilobytes: 64)) != nil

    static let refusal: String = "a full disk needs the right to mount a tmpfs; run the tests as root"

    /// Takes the room that is left, but for `kilobytes`.
    func fill(leaving kilobytes: Int = 0) throws {
        let descriptor = open(ballast, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw FixtureFailure("cannot open \(ballast): errno \(errno)") }
        defer { close(descriptor) }
        let block = [UInt8](repeating: 1, count: 4096)
        var size = 0
        while case let count = write(descriptor, block, block.count), count > 0 { size += count }
        guard errno == ENOSPC, ftruncate(descriptor, off_t(max(0, size - kilobytes << 10))) == 0 else {
            throw FixtureFailure("cannot fill \(path): errno \(errno)")
        }
    }

    func makeRoom() { unlink(ballast) }

    private var ballast: String { "\(path)/ballast" }
}
