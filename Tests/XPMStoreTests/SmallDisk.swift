import Glibc

/// A file system in memory of a few hundred kilobytes. It is unmounted when the test lets go of it.
final class SmallDisk {
    let path: String

    init(in scratch: ScratchFolder, kilobytes: Int) throws {
        path = "\(scratch.path)/disk"
        mkdir(path, 0o700)
        let mount = try SpawnedProcess([
            "/bin/mount", "-t", "tmpfs", "-o", "size=\(kilobytes)k,mode=700", "xpm-store", path,
        ])
        guard mount.wait() == 0 else { throw Failure(what: "mount a tmpfs", reason: EPERM) }
    }

    deinit {
        _ = try? SpawnedProcess(["/bin/umount", path]).wait()
    }

    /// Whether this process may mount at all.
    static let isPossible: Bool = {
        guard let scratch = try? ScratchFolder() else { return false }
        return (try? SmallDisk(in: scratch, kilobytes: 64)) != nil
    }()

    /// Takes whatever room is left, until `ballast` is removed.
    func fill() throws {
        let descriptor = open(ballast, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Failure(what: "open \(ballast)", reason: errno) }
        defer { close(descriptor) }
        let block = [UInt8](repeating: 1, count: 4096)
        while write(descriptor, block, block.count) > 0 {}
        guard errno == ENOSPC else { throw Failure(what: "fill \(ballast)", reason: errno) }
    }

    func makeRoom() { unlink(ballast) }

    private var ballast: String { "\(path)/ballast" }
}
