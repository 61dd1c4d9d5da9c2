import Glibc
import Testing

/// A file system in memory with a few megabytes for an instance's state, which can be filled.
final class SmallDisk {
    private let path: String

    /// Mounts it for `instance`, which does not run yet. It is unmounted behind the end of the services.
    init(for instance: Instance, megabytes: Int) throws {
        path = instance.scratch.folder("disk")
        let options = "size=\(megabytes)m,mode=700"
        guard try Self.run("mount", "-t", "tmpfs", "-o", options, "xpmd-tests", path) == .code(0) else {
            throw TestFailure("cannot mount a tmpfs at \(path)")
        }
        instance.environment["XPMD_STATE_DIR"] = path + "/state"
        instance.keep(self)
    }

    deinit {
        let ending = try? Self.run("umount", path)
        if ending != .code(0) { Issue.record("\(path) is left mounted") }
    }

    /// Whether this process may mount at all.
    static let isPossible: Bool = (try? run("unshare", "--mount", "mount", "-t", "tmpfs", "probe", "/mnt")) == .code(0)

    private static func run(_ arguments: String...) throws -> ChildProcess.Ending {
        try ChildProcess(arguments, environment: ["PATH": "/usr/sbin:/usr/bin:/sbin:/bin"]).wait()
    }

    /// Takes all the room that is left.
    func fill() throws {
        let file = open(path + "/ballast", O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw TestFailure(cannot: "make \(path)/ballast") }
        defer { close(file) }
        let block = [UInt8](repeating: 7, count: 4096)
        while write(file, block, block.count) > 0 {}
        guard errno == ENOSPC else { throw TestFailure(cannot: "fill \(path)") }
    }

    func makeRoom() { unlink(path + "/ballast") }
}
