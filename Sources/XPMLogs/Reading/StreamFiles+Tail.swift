import Glibc

extension StreamFiles {
    /// How often it is looked again while names change.
    private static let rounds = 8
    /// Of the newest files, how many may be the one that is being rotated.
    private static let candidates = 4

    /// Opens the file that is written to, in whatever step of a rotation it may be.
    func findTail() throws(LogReadError) {
        var suspect: FileFacts?
        for _ in 0..<Self.rounds {
            guard let found = try tailNow() else { continue }
            if let foreign = found, foreign.header == nil {
                // A sidecar is made before the first byte is written. So where there were bytes before it was looked for it is there, in
                // one place or the other; before that it may have been made and moved away again meanwhile.
                let facts = FileFacts(descriptor: foreign.data.descriptor)
                guard let known = suspect, let facts, known.isSame(as: facts) else {
                    suspect = facts
                    continue
                }
                tell(.noTimes(path: foreign.path))
            }
            tail = found
            if let tail, tail.hasTornRecord { tell(.damagedTimes(path: tail.path, records: 1)) }
            return
        }
        isUnsettled = true
    }

    /// One look; nil where names were changed meanwhile.
    private func tailNow() throws(LogReadError) -> LogSegment?? {
        let sidecar = LogName.sidecar(of: path)
        let times = try open(sidecar)
        let data = try open(path)
        if let times, let data, let pair = try pair(data, times, path) { return pair }
        // Between two renames, or a foreign file, or none.
        var moved: LogSegment?
        for number in try list().suffix(Self.candidates).reversed() where moved == nil {
            moved = try half(number, data: data, times: times)
        }
        let size = data.flatMap { FileFacts(descriptor: $0.descriptor)?.size } ?? 0
        guard isNamed(data, path), isNamed(times, sidecar) else { return nil }
        if let moved { return moved }
        guard let data, size > 0 else { return .some(nil) }
        do throws(LogFileError) { return try LogSegment(foreign: data, path: path) } catch { throw .file(error) }
    }

    /// The pair of which one file has got its number already, and the other not.
    private func half(_ number: UInt64, data: OpenFile?, times: OpenFile?) throws(LogReadError) -> LogSegment? {
        let name = LogName.rotated(path, number)
        if let data, let moved = try open(LogName.sidecar(of: name)), let pair = try pair(data, moved, path) {
            return pair
        }
        guard let times, let moved = try open(name) else { return nil }
        return try pair(moved, times, name)
    }

    private func pair(_ data: OpenFile, _ times: OpenFile, _ path: String) throws(LogReadError) -> LogSegment? {
        do throws(LogFileError) {
            return try LogSegment(data: data, times: times, path: path, rotation: nil)
        } catch {
            throw .file(error)
        }
    }

    /// Whether what is written to is still the same file.
    var isCurrent: Bool { tail != nil && isNamed(tail?.data, path) }

    /// Whether the name still leads to the file that it was opened by; nil for none.
    private func isNamed(_ file: OpenFile?, _ name: String) -> Bool {
        guard let facts = FileFacts(name), facts.isRegular else { return file == nil }
        if file == nil, unusable.contains(name) { return true }
        return file.flatMap { FileFacts(descriptor: $0.descriptor) }?.isSame(as: facts) ?? false
    }
}
