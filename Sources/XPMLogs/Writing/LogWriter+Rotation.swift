import CLinux
import Glibc

/// Rotation: nothing but renames, of which each leaves a state that the next logger goes on from (`OpenedLog`).
extension LogWriter {
    /// How many names in a row may be taken by foreign files.
    private static let mostTaken: UInt64 = 10_000

    /// Goes on in a new file; so many rotated ones are kept, or as many as the policy says.
    func rotate(keeping count: UInt32? = nil) throws(LogFileError) {
        flush()
        let base = position
        let before = (data, sidecar)
        let number = try isAtPath() ? try moveAway() : nil
        let opened: OpenedLog
        do throws(LogFileError) {
            opened = try OpenedLog(
                fresh: path, base: base, number: header.number &+ 1, logID: header.logID, rotated: rotated)
        } catch {
            // The one before goes on.
            if let number { moveBack(number) }
            throw error
        }
        take(opened)
        obstacles = []
        flush()
        prune(count ?? policy.count)
        if let sidecar { syncer?.sync([before.0, before.1?.file, data, sidecar.file].compactMap { $0 }, path) }
    }

    /// The same where that is possible. Else the file that is open goes on beyond its limits, which is told once, and it is tried again
    /// after a while.
    func rotateIfPossible() -> Bool {
        if beganByEmptying() { return true }
        let now = Stamp.now.boot
        guard now >= rotatesAgain, syncer?.hasRoom ?? true else { return false }
        do throws(LogFileError) {
            try rotate()
            return true
        } catch {
            rotatesAgain = now &+ Self.rotateAgain
            tellOnce(.rotation, "cannot be rotated, and grows beyond its limit: \(error.detail(of: path))")
            return false
        }
    }

    /// Gives the file and its sidecar the next number that is free for both; which one.
    @discardableResult
    func moveAway() throws(LogFileError) -> UInt64 {
        var from = path
        let first = min(header.number, .max - Self.mostTaken)
        for number in first...first + Self.mostTaken {
            let to = LogName.rotated(path, number)
            if try FileFacts.at(LogName.sidecar(of: to)) != nil { continue }
            if xpm_rename_new(AT_FDCWD, from, to) != 0 {
                if errno == EEXIST { continue }
                throw LogFileError(cannot: "rename \(from)", errno)
            }
            from = to
            let times = LogName.sidecar(of: path)
            if sidecar != nil, xpm_rename_new(AT_FDCWD, times, LogName.sidecar(of: to)) != 0, errno != ENOENT {
                if errno == EEXIST { continue }
                let error = LogFileError(cannot: "rename \(times)", errno)
                _ = xpm_rename_new(AT_FDCWD, from, path)
                throw error
            }
            header.number = number
            if !header.isAdopted { rotated.append(number) }
            return number
        }
        throw LogFileError(cannot: "rotate \(path)", because: "\(Self.mostTaken) names are taken")
    }

    /// Takes back that. Its steps are those of a rotation, backwards: whoever finds one of them goes on from there.
    private func moveBack(_ number: UInt64) {
        let name = LogName.rotated(path, number)
        if sidecar != nil { _ = xpm_rename_new(AT_FDCWD, LogName.sidecar(of: name), LogName.sidecar(of: path)) }
        if xpm_rename_new(AT_FDCWD, name, path) == 0 { rotated.removeAll { $0 == number } }
    }

    /// Deletes the oldest rotated files beyond those that are to be kept.
    func prune(_ count: UInt32) {
        while rotated.count > Int(count), let number = rotated.first {
            rotated.removeFirst()
            delete(number)
        }
    }

    /// Begins afresh: what was written so far is deleted, as far as it is the log's.
    func clear() throws(LogFileError) {
        guard sidecar != nil else {
            throw LogFileError(cannot: "clear \(path)", because: "\(LogName.sidecar(of: path)) is not the logger's")
        }
        let isAdopted = header.isAdopted
        // First what lies there: on a full disk that makes the room for a new file.
        for number in rotated { delete(number) }
        rotated = []
        try rotate(keeping: .max)
        // The data stays, for it is somebody's; without its sidecar it is no part of the log.
        if isAdopted { unlink(LogName.sidecar(of: LogName.rotated(path, header.number &- 1))) }
        for number in rotated { delete(number) }
        rotated = []
    }

    private func delete(_ number: UInt64) {
        let path = LogName.rotated(path, number)
        // Somebody may have put another file there since.
        let found: LogFile?
        do throws(LogFileError) { found = try LogFile(path, rotation: number) } catch { return }
        guard let file = found else { return _ = unlinkOurs(LogName.sidecar(of: path)) }
        guard let header = file.header, header.logID == self.header.logID, !header.isAdopted else { return }
        // The data first: a sidecar without data is known for the log's, data without a sidecar is not.
        if unlink(path) == 0 { unlink(file.sidecar) }
    }

    private func unlinkOurs(_ sidecar: String) -> Bool { Sidecar.isOurs(sidecar) && unlink(sidecar) == 0 }
}
