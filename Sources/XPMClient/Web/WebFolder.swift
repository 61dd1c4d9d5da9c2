import Glibc
import XPMProtocol

/// A folder in `<state>/web` with a small file for each secret, named by its hash. Whoever removes a file has it.
///
/// What is not a file of this user's with such a name is left alone.
package struct WebFolder: Sendable {
    package let path: String

    /// What a file has at most. Larger ones are not ours.
    private static let mostBytes = 4096
    /// How many names are looked at.
    private static let mostNames = 10_000

    /// `<state>/web/NAME`.
    package init(_ name: String, in stateFolder: String) { path = "\(stateFolder)/web/\(name)" }

    /// Makes the folder and what it lies in, 0700 each. Others may not enter what is there already, or `untrusted`.
    package func make() throws(WireError) {
        let web = String(path[..<(path.lastIndex(of: "/") ?? path.endIndex)])
        for folder in [web, path] {
            guard mkdir(folder, 0o700) != 0 else { continue }
            guard errno == EEXIST else { throw Self.failure("create", folder) }
            var status = stat()
            guard lstat(folder, &status) == 0 else { throw Self.failure("look at", folder) }
            guard status.st_mode & S_IFMT == S_IFDIR, status.st_uid == geteuid(), status.st_mode & 0o077 == 0 else {
                throw WireError(
                    .untrusted,
                    "cannot use \(folder): it must be a folder of your own that others may not enter (mode 0700)",
                    data: ["path": .string(folder)])
            }
        }
    }

    /// Writes a file that nobody sees half of, born 0600; with `isDurable`, it outlives a power cut.
    package func write(_ bytes: [UInt8], for digest: Digest, isDurable: Bool) throws(WireError) {
        try write(bytes, to: digest.hexadecimal, isDurable: isDurable)
    }

    /// The same under another name.
    package func write(_ bytes: [UInt8], to name: String, isDurable: Bool) throws(WireError) {
        let (fresh, target) = ("\(path)/.new-\(WebSecret.make())", "\(path)/\(name)")
        let file = open(fresh, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard file >= 0 else { throw Self.failure("write", target) }
        defer { close(file) }
        let written = bytes.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
        guard written == bytes.count, !isDurable || fsync(file) == 0, rename(fresh, target) == 0 else {
            let failure = Self.failure("write", target, written < 0 || written == bytes.count ? errno : ENOSPC)
            unlink(fresh)
            throw failure
        }
        if isDurable { syncNames() }
    }

    /// What a file holds; nil where there is none of ours.
    package func read(_ digest: Digest) -> [UInt8]? { read(name: digest.hexadecimal) }

    /// The same under another name.
    package func read(name: String) -> [UInt8]? {
        let file = open("\(path)/\(name)", O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_uid == geteuid(),
            status.st_size <= Self.mostBytes
        else { return nil }
        let bytes = [UInt8](unsafeUninitializedCapacity: Self.mostBytes) { buffer, count in
            count = max(0, Glibc.read(file, buffer.baseAddress, buffer.count))
        }
        return bytes
    }

    /// Removes a file; true for the one who has removed it.
    @discardableResult
    package func remove(_ digest: Digest) -> Bool { unlink("\(path)/\(digest.hexadecimal)") == 0 }

    /// The hashes that have a file, in no order.
    package func digests() -> [Digest] {
        guard let folder = opendir(path) else { return [] }
        defer { closedir(folder) }
        var found: [Digest] = []
        for _ in 0..<Self.mostNames {
            guard let entry = readdir(folder) else { break }
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if let digest = Digest(hexadecimal: name) { found.append(digest) }
        }
        return found
    }

    private func syncNames() {
        let folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard folder >= 0 else { return }
        fsync(folder)
        close(folder)
    }

    private static func failure(_ verb: String, _ path: String, _ code: Int32 = errno) -> WireError {
        WireError(
            code == ENOSPC || code == EDQUOT ? .storageFull : .storageFailed, "cannot \(verb) \(path): \(reason(code))",
            data: ["path": .string(path), "errno": .integer(Int64(code))])
    }
}
