import Glibc
import XPMProtocol
import XPMSupervision

/// The files that tell hosts what to make, `ATTEMPT.json` in a folder of the runtime folder. A host removes its own.
///
/// They may hold secrets, so nobody else may read them, and none stays longer than its attempt.
struct HostFiles {
    let folder: String

    func path(of attempt: AttemptID) -> String { "\(folder)/\(attempt.rawValue).json" }

    /// Writes the file of an attempt, anew where there is one.
    func write(_ order: some Encodable, for attempt: AttemptID) throws(WireError) {
        let path = path(of: attempt)
        guard let bytes = try? Wire.encode(order) else {
            throw WireError(.startFailed, "cannot write \(path): its state is not JSON")
        }
        mkdir(folder, 0o700)
        unlink(path)
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else {
            throw WireError(.startFailed, "cannot write \(path): \(String(cString: strerror(errno)))")
        }
        defer { close(descriptor) }
        do {
            try Bytes.write(descriptor, bytes, at: 0, path: path)
        } catch {
            unlink(path)
            throw WireError(.startFailed, "cannot write \(path): \(String(cString: strerror(error.code)))")
        }
    }

    /// The attempt is over, or never began.
    func remove(_ attempt: AttemptID) { unlink(path(of: attempt)) }

    /// Removes what a daemon before has left, but for attempts that may still need theirs.
    func removeAll(but live: some Collection<AttemptID>) {
        guard let entries = opendir(folder) else { return }
        defer { closedir(entries) }
        let kept = Set(live.map { "\($0.rawValue).json" })
        while let entry = readdir(entries) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            if !name.hasPrefix("."), !kept.contains(name) { unlink("\(folder)/\(name)") }
        }
    }
}
