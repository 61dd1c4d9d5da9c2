/// The files of one stream's log as they are found while a page is made; another process appends, rotates and deletes meanwhile.
///
/// Files are known by what their sidecars say of them, never by their names alone: whatever order two files are renamed in, a pair that
/// was opened stays one. The file that is written to is opened first; all older ones have their numbers by then. They are looked for
/// only if they are needed.
final class StreamFiles {
    /// With links resolved.
    let path: String
    /// The last file: what is written to, or was last.
    var tail: LogSegment?
    /// Names changed each time that they were looked at.
    var isUnsettled = false
    private(set) var faults: Set<LogReadFault> = []
    /// Names that lead to files which cannot be opened: they count as none.
    var unusable: Set<String> = []
    /// Of rotated files older than `tail`, as far as they are not known to be foreign, ascending; nil before the folder was read.
    private var listed: [UInt64]?
    private var highest: UInt64?
    /// Files that were found missing between two others when the folder had been read anew: they are gone.
    private var gapsLookedAt = 0

    /// Faults that are told of one stream.
    private static let faultLimit = 16
    /// A file may be renamed while a folder is read, and be missed by that.
    private static let relistLimit = 4

    init(_ path: String) throws(LogReadError) {
        do throws(LogFileError) { self.path = try LogPath.resolve(path) } catch { throw .file(error) }
        try findTail()
    }

    func tell(_ fault: LogReadFault) {
        if faults.count < Self.faultLimit { faults.insert(fault) }
    }

    /// A rotated file with its sidecar; nil where either is gone or not ours.
    func rotated(_ number: UInt64) throws(LogReadError) -> LogSegment? {
        let name = LogName.rotated(path, number)
        guard let times = try open(LogName.sidecar(of: name)), let data = try open(name) else { return nil }
        do throws(LogFileError) {
            guard let segment = try LogSegment(data: data, times: times, path: name, rotation: number) else {
                return nil
            }
            // It is the tail itself, or has come after it.
            if let tail, tail.log == segment.log, segment.number >= tail.number { return nil }
            return segment
        } catch {
            throw .file(error)
        }
    }

    /// The numbers of older files. Without a file that is written to, none that has come since the first time counts.
    private func numbers() throws(LogReadError) -> [UInt64] {
        if let listed { return listed }
        var numbers = try list()
        if tail == nil {
            numbers.removeAll { $0 > highest ?? .max }
            highest = highest ?? numbers.last ?? 0
        }
        listed = numbers
        return numbers
    }

    /// The first file at or after a place in the list, or before one; those that are none of ours are forgotten.
    private func file(from start: Int, step: Int) throws(LogReadError) -> LogSegment? {
        var index = start
        while let numbers = listed, numbers.indices.contains(index) {
            if let segment = try rotated(numbers[index]) { return segment }
            listed?.remove(at: index)
            if step < 0 { index -= 1 }
        }
        return nil
    }

    /// The rotated file at a place in the list.
    func file(at index: Int) throws(LogReadError) -> LogSegment? {
        guard try numbers().indices.contains(index), let segment = try rotated(numbers()[index]) else { return nil }
        return segment
    }

    func count() throws(LogReadError) -> Int { try numbers().count }

    func forget(at index: Int) { listed?.remove(at: index) }

    func oldest() throws(LogReadError) -> LogSegment? {
        _ = try numbers()
        return try file(from: 0, step: 1) ?? tail
    }

    /// The last file of all.
    func newest() throws(LogReadError) -> LogSegment? {
        if let tail { return tail }
        return try file(from: numbers().count - 1, step: -1)
    }

    /// The file after one, as the log goes on.
    func next(after segment: LogSegment) throws(LogReadError) -> LogSegment? {
        guard segment !== tail else { return nil }
        if let next = try follower(of: segment) { return next }
        while true {
            let number = segment.rotation ?? .max
            let numbers = try numbers()
            let index = numbers.firstIndex { $0 > number } ?? numbers.count
            guard let next = try file(from: index, step: 1) ?? tail else { return nil }
            guard next.log == segment.log, next.base > segment.endPosition, gapsLookedAt < Self.relistLimit else {
                return next
            }
            gapsLookedAt += 1
            listed = nil
        }
    }

    /// The next file, where it has the next number and begins where this one ends: then no folder has to be read.
    private func follower(of segment: LogSegment) throws(LogReadError) -> LogSegment? {
        guard let tail, let number = segment.rotation else { return nil }
        let isLast = tail.log == segment.log && tail.number == number &+ 1
        guard let next = isLast ? tail : try rotated(number &+ 1) else { return nil }
        return next.log == segment.log && next.base == segment.endPosition ? next : nil
    }

    func previous(before segment: LogSegment) throws(LogReadError) -> LogSegment? {
        if tail != nil, segment.fileNumber > 1, let before = try rotated(segment.fileNumber - 1),
            before.log == segment.log, before.endPosition == segment.base
        {
            return before
        }
        let number = segment.rotation ?? .max
        let numbers = try numbers()
        let index = numbers.firstIndex { $0 >= number } ?? numbers.count
        return try file(from: index - 1, step: -1)
    }

    /// Reads no more of a rotated file than what the next one says there was: somebody else may have written to it.
    func clip(_ segment: LogSegment) throws(LogReadError) {
        guard segment !== tail, let next = try next(after: segment), next.log == segment.log, next.base >= segment.base,
            next.base < segment.endPosition
        else { return }
        segment.clip(to: next.base - segment.base)
        tell(.foreignBytes(path: segment.path))
    }
}
