import Glibc
import XPMProtocol

/// A file in the state folder from the beginning of a start until it has proved itself: who finds it there knows that the start
/// before it ended in a crash, and what that had in hand.
///
/// It is written by one call and not synchronised: what a process has written outlives its crash, and a power cut is nobody's fault.
final class StartMark {
    private static let file = "start-in-progress"
    private static let sizeLimit = 64 << 10

    private let path: String
    private let descriptor: CInt
    /// What the start before had in hand when it crashed; nil where it did not crash.
    let before: [RecoveryItem]?

    /// Nil where there is nothing on record yet, nothing can be written, or another daemon starts with this folder.
    init?(folder: String) {
        path = "\(folder)/\(Self.file)"
        let flags = O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY
        let new = open(path, flags | O_CREAT | O_EXCL, 0o600)
        guard new < 0 else {
            (descriptor, before) = (new, nil)
            flock(new, LOCK_EX | LOCK_NB)
            return
        }
        guard errno == EEXIST, case let found = open(path, flags), found >= 0 else { return nil }
        var status = stat()
        guard fstat(found, &status) == 0, status.st_mode & S_IFMT == S_IFREG, flock(found, LOCK_EX | LOCK_NB) == 0
        else {
            close(found)
            return nil
        }
        var bytes = [UInt8](repeating: 0, count: Self.sizeLimit)
        let count = max(0, pread(found, &bytes, bytes.count, 0))
        let line = bytes[..<count].prefix { $0 != UInt8(ascii: "\n") }
        (descriptor, before) = (found, (try? Wire.decode([RecoveryItem].self, from: line)) ?? [])
        note([])
    }

    deinit { close(descriptor) }

    /// Takes down what is in hand now. It is opened anew, for a worker does not share the daemon's descriptors.
    func note(_ items: [RecoveryItem]) {
        guard let bytes = try? Wire.encode(items), bytes.count < Self.sizeLimit,
            case let file = open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY), file >= 0
        else { return }
        defer { close(file) }
        // What is left of a longer line before is behind the end of this one.
        _ = (bytes + [UInt8(ascii: "\n")]).withUnsafeBytes { pwrite(file, $0.baseAddress, $0.count, 0) }
    }

    func remove() { unlink(path) }
}
