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
        // It is not where the new file could not be made the last time.
        if isAtPath { try moveAway() }
        let opened = try OpenedLog(
            fresh: path, base: base, number: header.number &+ 1, logID: header.logID, rotated: rotated)
        take(opened)
        flush()
        prune(count ?? policy.count)
        if let sidecar { syncer?.sync([before.0, before.1?.file, data, sidecar.file].compactMap { $0 }, path) }
    }

    /// Gives the file and its sidecar the next number that is free for both.
    func moveAway() throws(LogFileError) {
        var from = path
        for number in header.number...header.number &+ Self.mostTaken {
            let to = LogName.rotated(path, number)
            if FileFacts(LogName.sidecar(of: to)) != nil { continue }
            if xpm_rename_new(AT_FDCWD, from, to) != 0 {
                if errno == EEXIST { continue }
                throw LogFileError(cannot: "rename \(from)", errno)
            }
            from = to
            if xpm_rename_new(AT_FDCWD, LogName.sidecar(of: path), LogName.sidecar(of: to)) != 0 && errno == EEXIST {
                continue
            }
            header.number = number
            if !header.isAdopted { rotated.append(number) }
            return
        }
        throw LogFileError(cannot: "rotate \(path)", because: "\(Self.mostTaken) names are taken")
    }

    /// Deletes the oldest rotated files beyond those that are to be kept.
    private func prune(_ count: UInt32) {
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
        guard let file = LogFile(path, rotation: number) else { return _ = unlinkOurs(LogName.sidecar(of: path)) }
        guard let header = file.header, header.logID == self.header.logID, !header.isAdopted else { return }
        // The data first: a sidecar without data is known for the log's, data without a sidecar is not.
        if unlink(path) == 0 { unlink(file.sidecar) }
    }

    private func unlinkOurs(_ sidecar: String) -> Bool { Sidecar.isOurs(sidecar) && unlink(sidecar) == 0 }
}
