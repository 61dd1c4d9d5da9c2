import Glibc

/// Sets a log aside as its newest rotated file and puts an empty one in its place, while nobody writes to it.
///
/// No byte is copied: the file gets its new name as a second one, then an empty file takes the place of the first. What
/// is intended is on record before, so that whoever looks at the log after a crash completes it or takes it back.
struct LogRenewal {
    let path: String
    /// How many rotated files stay.
    var keep: Int
    /// Called when a step is done; a test ends the renewal there.
    var reached: (Step) throws(LogFault) -> Void = { _ in }

    /// What a crash can come after.
    enum Step: CaseIterable { case intended, linked, replaced }

    /// Does nothing to a log that holds nothing, or is not there.
    func renew() throws(LogFault) {
        try start()
        guard let live = try RegularFile.open(ifPresent: path, O_RDONLY | O_NOFOLLOW, to: .rotate) else { return }
        defer { close(live) }
        var status = stat()
        guard fstat(live, &status) == 0 else { throw LogFault(.rotate, path: path) }
        let size = LogState.size(status)
        // What was written last gets its time. On a full disk times become coarser, and nothing else.
        do {
            try LogIndex.append(try LogSnapshot(path))
        } catch {
            if error.code != ENOSPC && error.code != EDQUOT { throw error }
        }
        let lock = try LogLock(path, .exclusive)
        var state = try lock.state()
        state.adapt(toSize: size)
        if try isRewritten(live, state) { state.restart() }
        guard state.base + size > state.start else { return }
        var number = state.last + 1
        while access(LogFile.segment(number, of: path), F_OK) == 0 { number += 1 }
        state.renewal = .init(number: number, keep: keep)
        try lock.save(state, isDurable: false)
        try reached(.intended)
        try replace(number, mode: status.st_mode & 0o777)
        try Self.complete(path, lock)
    }

    /// Completes what a crash interrupted. A state that nobody can read is made anew from the files that are there.
    private func start() throws(LogFault) {
        do throws(LogFault) {
            try LogRotation.complete(path)
        } catch {
            guard error.code == EBADMSG else { throw error }
            try LogState.setAside(path)
        }
        guard access(LogState.file(of: path), F_OK) != 0 else { return }
        let found = LogState(segmentsOf: path)
        if found.last > 0 { try LogLock(path, .exclusive).save(found, isDurable: false) }
    }

    /// Whether somebody else has written the file anew: what is left of moved lines is blank, or a hole.
    private func isRewritten(_ live: CInt, _ state: LogState) throws(LogFault) -> Bool {
        guard state.base < state.start else { return false }
        let first = try Bytes.read(live, from: 0, count: 1, path: path).first
        return first.map { ![0, UInt8(ascii: " "), LogFile.newline].contains($0) } ?? false
    }

    private func replace(_ number: Int64, mode: mode_t) throws(LogFault) {
        let segment = LogFile.segment(number, of: path)
        let isLinked = link(path, segment) == 0
        // Where the file system has no second names, the log is without a file for a moment.
        guard isLinked || errno != EEXIST && rename(path, segment) == 0 else {
            throw LogFault(.rotate, path: segment)
        }
        try reached(.linked)
        let temporary = path + ".new"
        let flags = O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW
        close(try RegularFile.open(temporary, flags, mode: mode, to: .rotate))
        guard rename(temporary, path) == 0 else { throw LogFault(.rotate, path: path) }
        try reached(.replaced)
    }

    /// Completes a renewal that was begun, or takes it back.
    static func complete(_ path: String, waits: Bool) throws(LogFault) {
        guard try LogState.load(path).renewal != nil else { return }
        try complete(path, LogLock(path, .exclusive, waits: waits))
    }

    private static func complete(_ path: String, _ lock: LogLock) throws(LogFault) {
        // Somebody else may have done it before the lock was ours.
        var state = try lock.state()
        guard let renewal = state.renewal else { return }
        let live = try RegularFile.open(ifPresent: path, O_RDONLY | O_NOFOLLOW, to: .rotate) ?? -1
        defer { if live >= 0 { close(live) } }
        let segment = LogFile.segment(renewal.number, of: path)
        var (aside, present) = (stat(), stat())
        let isAside = lstat(segment, &aside) == 0
        let isPresent = live >= 0 && fstat(live, &present) == 0
        state.renewal = nil
        if isAside, !(isPresent && aside.st_ino == present.st_ino && aside.st_dev == present.st_dev) {
            state.setAside(renewal, size: LogState.size(aside))
            try lock.save(state, isDurable: false)
            LogFile.removeSegments(before: state, of: path)
        } else {
            if isAside { unlink(segment) }
            try lock.save(state, isDurable: false)
        }
    }
}

extension LogState {
    /// The live file has become the rotated file of that number, with all that it holds.
    fileprivate mutating func setAside(_ renewal: Renewal, size: Int64) {
        let skipped = start - base
        let end = start + max(0, size - skipped)
        last = renewal.number
        segments.append(.init(number: last, from: start, to: end, skipped: skipped == 0 ? nil : skipped))
        segments = segments.suffix(renewal.keep)
        (base, start, released, stamp) = (end, end, end, nil)
    }
}
