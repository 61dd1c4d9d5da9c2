import Glibc

@testable import XPMKeeping

/// An ext4 of its own that can be frozen: whoever writes there waits in the kernel, and not even SIGKILL ends that. It is thawed and
/// unmounted when the test lets go of it.
final class FrozenDisk {
    let path: String
    private let image: String

    private static let freezes: UInt = 0xC004_5877
    private static let thaws: UInt = 0xC004_5878

    init(in folder: String) throws {
        (path, image) = (folder + "/disk", folder + "/image")
        mkdir(path, 0o700)
        let script = """
            truncate -s 16M '\(image)' && mkfs.ext4 -q -F '\(image)' && mount -o loop '\(image)' '\(path)'
            """
        guard shell(script) == 0 else {
            remove()
            throw TestFailure("cannot mount an ext4 at \(path)")
        }
    }

    deinit {
        thaw()
        _ = shell("umount -l '\(path)'")
        remove()
    }

    private func remove() {
        unlink(image)
        rmdir(path)
    }

    /// Whether this process may do all that.
    static let isPossible: Bool = {
        guard geteuid() == 0, let folder = try? Scratch() else { return false }
        defer { folder.remove() }
        guard let disk = try? FrozenDisk(in: folder.path) else { return false }
        return (try? disk.freeze()) != nil
    }()

    func freeze() throws {
        guard request(Self.freezes) else { throw TestFailure("cannot freeze \(path): errno \(errno)") }
    }

    func thaw() { _ = request(Self.thaws) }

    private func request(_ number: UInt) -> Bool {
        let folder = Descriptor(open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC))
        return ioctl(folder.number, number, 0) == 0
    }
}

/// Runs a script; its wait(2) status.
@discardableResult
func shell(_ script: String) -> Int32 {
    var pid: pid_t = -1
    let arguments = ["/bin/sh", "-c", "PATH=/usr/sbin:/usr/bin:/sbin:/bin; " + script]
    let copies: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
    defer { for copy in copies { free(copy) } }
    guard posix_spawn(&pid, "/bin/sh", nil, nil, copies, environ) == 0 else { return -1 }
    var status: Int32 = -1
    waitpid(pid, &status, 0)
    return status
}
