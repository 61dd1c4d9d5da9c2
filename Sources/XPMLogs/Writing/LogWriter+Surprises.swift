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
            let before = size - UInt64(written)
            var left = facts.size
            if left >= UInt64(written), ftruncate(data.descriptor, off_t(clamping: left - UInt64(written))) == 0 {
                left -= UInt64(written)
            }
            beginAfterEmptying(at: header.base &+ before, left)
            return true
        }
        if facts.size > size {
            if !surprises.contains(.appended) { surprises.append(.appended) }
            size = facts.size
        }
        return false
    }

    /// Looks whether the path still leads to the file, and the sidecar lies beside it. Where that cannot be seen the file that is open is as
    /// good as before.
    ///
    /// True where the log goes on in another file.
    func lookAtPlace() throws(LogFileError) -> Bool {
        guard let ours = FileFacts(descriptor: data.descriptor) else {
            throw LogFileError(cannot: "look at \(path)", errno)
        }
        var there: FileFacts? = ours
        var isSeen = true
        do throws(LogFileError) {
            there = try FileFacts.at(path)
            obstacles.remove(.place)
        } catch {
            isSeen = false
            tellOnce(.place, "is written in the file that is open, for its place cannot be looked at: \(error.cause)")
        }
        if ours.links == 0 {
            surprises.append(.removed)
            try beginAgain(at: position)
            return true
        }
        if there.map({ !$0.isSame(as: ours) }) ?? true { return beginElsewhere() }
        if ours.size < size {
            beginAfterEmptying(at: position, ours.size)
            return true
        }
        if isSeen, let sidecar, FileFacts(descriptor: sidecar.file.descriptor)?.links == 0 { replaceTimes() }
        return false
    }

    /// Whether the path leads to the file that is written.
    func isAtPath() throws(LogFileError) -> Bool {
        guard let there = try FileFacts.at(path), let ours = FileFacts(descriptor: data.descriptor) else {
            return false
        }
        return there.isSame(as: ours)
    }

    /// The file has another name now, or another one has its name. Where there can be no new one, it is still better than none.
    private func beginElsewhere() -> Bool {
        do throws(LogFileError) {
            try beginAgain(at: position)
            surprises.append(.moved)
            obstacles.remove(.begin)
            return true
        } catch {
            tellOnce(.begin, "was moved, and a new one cannot be started: \(error.detail(of: path))")
            return false
        }
    }

    private func replaceTimes() {
        do throws(LogFileError) {
            sidecar = try Sidecar.make(LogName.sidecar(of: path), header)
            surprises.append(.timesRemoved)
            obstacles.remove(.times)
            addAttempt()
        } catch {
            tellOnce(.times, "has lost its .times file, and a new one cannot be started: \(error.cause)")
        }
    }

    /// Goes on in a fresh file, whose first byte has that position, whatever has become of the one before.
    private func beginAgain(at base: UInt64) throws(LogFileError) {
        // It may have gone with its folder.
        Folder.make(for: path)
        flush()
        if try isAtPath() { try moveAway() }
        // Its lock would be in the way of whoever opens it again.
        sidecar?.unlock()
        do throws(LogFileError) {
            take(try OpenedLog(resolved: path, atLeast: base, logID: header.logID))
        } catch {
            sidecar?.relock()
            throw error
        }
    }

    /// Before a rotation: what others have emptied begins anew without one.
    func beganByEmptying() -> Bool {
        guard let ours = FileFacts(descriptor: data.descriptor), ours.size < size, ours.links > 0 else { return false }
        beginAfterEmptying(at: position, ours.size)
        return true
    }

    /// Others took bytes away, `left` are there still. What is empty is not kept: it goes on as if it had just begun. Of what has bytes a
    /// rotated file is made, where that is possible.
    private func beginAfterEmptying(at base: UInt64, _ left: UInt64) {
        surprises.append(.emptied)
        if left > 0 {
            do throws(LogFileError) {
                try beginAgain(at: base)
                return prune(policy.count)
            } catch {
                tellOnce(.begin, "was cut, and a new one cannot be started: \(error.detail(of: path))")
            }
        }
        header.base = base - min(base, left)
        header.isAdopted = header.isAdopted && left > 0
        size = left
        endsLine = left == 0
        do throws(LogFileError) { try sidecar?.restart(header) } catch {
            tellOnce(.times, "has lines without times: \(error.description)")
        }
        addAttempt()
        prune(policy.count)
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
