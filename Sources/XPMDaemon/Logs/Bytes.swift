import Glibc

/// Whole reads and writes on descriptors, which may block.
enum Bytes {
    /// Reads up to `count` bytes; fewer at the file's end only.
    static func read(_ descriptor: CInt, from offset: Int64, count: Int, path: String) throws(LogFault) -> [UInt8] {
        var code: Int32 = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            while filled < count {
                let got = pread(
                    descriptor, buffer.baseAddress?.advanced(by: filled), count - filled, off_t(offset) + filled)
                if got < 0 && errno == EINTR { continue }
                if got < 0 { code = errno }
                guard got > 0 else { break }
                filled += got
            }
        }
        guard code == 0 else { throw LogFault(.read, path: path, code: code) }
        return bytes
    }

    /// Writes all of `bytes` at `offset`. The descriptor must not be one that appends.
    static func write(_ descriptor: CInt, _ bytes: [UInt8], at offset: Int64, path: String) throws(LogFault) {
        var done = 0
        while done < bytes.count {
            let count = bytes.withUnsafeBytes {
                pwrite(descriptor, $0.baseAddress?.advanced(by: done), bytes.count - done, off_t(offset) + done)
            }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { throw LogFault(.replace, path: path, code: count == 0 ? EIO : errno) }
            done += count
        }
    }

    /// Replaces a file as a whole, so that a crash or, where it is `isDurable`, a power cut leaves the old one or the new one.
    static func replace(_ path: String, with bytes: [UInt8], isDurable: Bool = true) throws(LogFault) {
        close(try replacement(of: path, with: bytes, isDurable: isDurable))
    }

    /// The same, and leaves the new file open, of which `prepare` was told before it got its name.
    static func replacement(
        of path: String, with bytes: [UInt8], isDurable: Bool, prepare: (CInt) -> Void = { _ in }
    ) throws(LogFault) -> CInt {
        let temporary = path + ".new"
        let descriptor = try RegularFile.open(temporary, O_RDWR | O_CREAT | O_TRUNC | O_NOFOLLOW, to: .replace)
        prepare(descriptor)
        do throws(LogFault) {
            try write(descriptor, bytes, at: 0, path: temporary)
            guard !isDurable || fdatasync(descriptor) == 0, rename(temporary, path) == 0,
                !isDurable || synchronizeFolder(of: path) == 0
            else { throw LogFault(.replace, path: path) }
            return descriptor
        } catch {
            close(descriptor)
            unlink(temporary)
            throw error
        }
    }

    /// Without it the new name may come back as the old one after a power cut, though what was written to other files since is there.
    private static func synchronizeFolder(of path: String) -> CInt {
        let folder = String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)])
        let descriptor = Glibc.open(folder.isEmpty ? "/" : folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return -1 }
        defer { close(descriptor) }
        return fsync(descriptor)
    }
}
