import CLinux
import Glibc

/// Others have rights in a log's folder, too: what they do is noticed, told, and writing goes on in a file of ours.
extension LogWriter {
    /// Looks whether what was just written is where it should be. True where the log goes on in another file, which the bytes
    /// have to be written into anew.
    func mended(upTo written: Int) throws(LogFileError) -> Bool {
        guard let facts = FileFacts(descriptor: data.descriptor) else {
            throw LogFileError(cannot: "look at \(path)", errno)
        }
        if facts.links == 0 {
            surprises.append(.removed)
            size -= UInt64(written)
            try beginAgain(at: position)
            return true
        }
        if facts.size < size {
            // Whoever emptied it may have done so before this was written, or after.
            surprises.append(.emptied)
            let before = size - UInt64(written)
            if facts.size >= UInt64(written) {
                _ = ftruncate(data.descriptor, off_t(clamping: facts.size - UInt64(written)))
            }
            try beginAgain(at: header.base &+ before)
            return true
        }
        if facts.size > size {
            if !surprises.contains(.appended) { surprises.append(.appended) }
            size = facts.size
        }
        return false
    }

    /// Looks whether the path still leads to the file, and the sidecar lies beside it.
    ///
    /// True where the log goes on in another file.
    func lookAtPlace() throws(LogFileError) -> Bool {
        let there = FileFacts(path)
        guard let ours = FileFacts(descriptor: data.descriptor) else {
            throw LogFileError(cannot: "look at \(path)", errno)
        }
        if there.map({ !$0.isSame(as: ours) }) ?? true {
            surprises.append(ours.links == 0 ? .removed : .moved)
            try beginAgain(at: position)
            return true
        }
        if ours.size < size {
            surprises.append(.emptied)
            try beginAgain(at: position)
            return true
        }
        if let sidecar, FileFacts(descriptor: sidecar.file.descriptor)?.links == 0 {
            surprises.append(.timesRemoved)
            self.sidecar = try Sidecar.make(LogName.sidecar(of: path), header)
            addAttempt()
        }
        return false
    }

    /// Whether the path leads to the file that is written.
    var isAtPath: Bool {
        guard let there = FileFacts(path), let ours = FileFacts(descriptor: data.descriptor) else { return false }
        return there.isSame(as: ours)
    }

    /// Goes on in a fresh file, whose first byte has that position, whatever has become of the one before.
    private func beginAgain(at base: UInt64) throws(LogFileError) {
        // It may have gone with its folder.
        Folder.make(for: path)
        flush()
        if isAtPath { try moveAway() }
        // Its lock would be in the way of whoever opens it again.
        sidecar = nil
        let opened = try OpenedLog(resolved: path, atLeast: base, logID: header.logID)
        take(opened)
    }

    func take(_ opened: OpenedLog) {
        header = opened.header
        data = opened.data
        sidecar = opened.sidecar
        size = opened.size
        endsLine = opened.endsLine
        rotated = opened.rotated
        faults += opened.faults
        addAttempt()
    }
}
