import Glibc

/// A -wal file that is none. SQLite passes over it, and writes its own in its place: what it held, and whether it held anything, would be
/// lost without a word.
enum UnreadableWAL {
    /// Sets it aside; a sentence for people, or nil where there is nothing to tell.
    ///
    /// One that begins with zeros was never written to: nothing in it was acknowledged.
    static func setAside(of database: String) -> String? {
        let path = database + "-wal"
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_size > 0 else { return nil }
        var header = [UInt8](repeating: 0, count: 32)
        let count = read(file, &header, header.count)
        guard count > 0, header.contains(where: { $0 != 0 }) else { return nil }
        // The magic number, for either order of bytes in checksums, and the version of the format.
        let isOne =
            header.starts(with: [0x37, 0x7f, 0x06]) && header[3] & 0xfe == 0x82
            && header[4..<8].elementsEqual([0x00, 0x2d, 0xe2, 0x18])
        guard !isOne else { return nil }
        let aside = "\(path).damaged-\(time(nil))"
        guard rename(path, aside) == 0 else { return nil }
        return "the last changes may be lost: \(path) could not be read, and was moved to \(aside)"
    }
}
