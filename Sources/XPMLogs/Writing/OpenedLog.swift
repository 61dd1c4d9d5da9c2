import CLinux
import Glibc

/// The files of a log, opened for writing, whatever was left by whoever wrote it last: a rotation half done, a torn header, a file that
/// somebody moved, another one in its place.
struct OpenedLog {
    let path: String
    private(set) var header: LogHeader
    private(set) var data: OpenFile
    private(set) var sidecar: Sidecar?
    private(set) var size: UInt64 = 0
    private(set) var endsLine = true
    private(set) var rotated: [UInt64] = []
    private(set) var faults: [String] = []

    /// By how much positions are moved on where the length of a lost file is not known: more than one record's bytes.
    private static let unknownLength: UInt64 = 128 << 10

    /// Opens the log at a path that is no link. Its next byte gets at least the position `atLeast`; who gives the log's id knows that one
    /// for certain.
    init(resolved path: String, atLeast: UInt64 = 0, logID known: UInt64? = nil) throws(LogFileError) {
        try Self.refuseOthers(path)
        let found = try Self.mendedListing(path)
        let files = found.files
        let logID = known ?? files.files.last?.header?.logID ?? found.lost?.logID ?? UInt64.random(in: 1...UInt64.max)
        rotated = files.rotated.filter { $0.header?.isAdopted == false && $0.header?.logID == logID }.compactMap(
            \.rotation)
        self.path = path
        var base = max(atLeast, known == nil ? found.lost?.base ?? 0 : 0)
        for file in files.rotated { base = max(base, (file.header?.base ?? 0) &+ file.facts.size) }
        let number = max(files.highestNumber, files.files.last?.header?.number ?? 0, found.lost?.number ?? 0) &+ 1

        if let current = files.current, let header = current.header, atLeast <= header.base &+ current.facts.size {
            data = try OpenFile.open(path, O_RDWR | O_APPEND | O_NOFOLLOW)
            self.header = header
            guard header.describes(data) else {
                throw LogFileError(cannot: "open \(path)", because: "it was replaced meanwhile")
            }
            try look()
            sidecar = try Sidecar.open(current.sidecar, dataSize: size)
            if sidecar?.wasDamaged == true {
                faults.append("has lost the times of some lines: its .times file was damaged")
            }
            return
        }
        (data, header) = try Self.begin(
            path,
            LogHeader(
                logID: logID, base: base, device: 0, inode: 0, number: number, created: 0))
        try look()
        try makeSidecar()
    }

    /// Makes the next file of a log, where none is.
    init(fresh path: String, base: UInt64, number: UInt64, logID: UInt64, rotated: [UInt64]) throws(LogFileError) {
        self.path = path
        self.rotated = rotated
        let isNew = try FileFacts.at(path) == nil
        (data, header) = try Self.begin(
            path,
            LogHeader(
                logID: logID, base: base, device: 0, inode: 0, number: number, created: 0))
        try look()
        do throws(LogFileError) {
            sidecar = try Sidecar.make(LogName.sidecar(of: path), header)
        } catch {
            // The one before goes on, and comes back to its place.
            if isNew && size == 0 { unlink(path) }
            throw error
        }
    }

    /// Names that are those of another log's files.
    private static func refuseOthers(_ path: String) throws(LogFileError) {
        guard !path.hasSuffix(LogName.sidecarSuffix) else {
            throw LogFileError(
                cannot: "write \(path)", because: "names that end in \(LogName.sidecarSuffix) are for the times of logs"
            )
        }
        guard let log = LogName.log(ofRotated: path) else { return }
        func id(_ path: String) -> UInt64? {
            (try? OpenFile.open(LogName.sidecar(of: path), O_RDONLY | O_NOFOLLOW).header())?.logID
        }
        // One that was a log of its own before is left to be one.
        guard let other = id(log), id(path) ?? other == other else { return }
        throw LogFileError(cannot: "write \(path)", because: "the name is for rotated files of the log \(log)")
    }

    /// Opens the data file, which others may have made; then it is theirs unless it is empty.
    private static func begin(_ path: String, _ like: LogHeader) throws(LogFileError) -> (OpenFile, LogHeader) {
        if let there = try FileFacts.at(path), !there.isRegular {
            throw LogFileError(cannot: "open \(path)", because: "not a regular file")
        }
        let data = try OpenFile.open(path, O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW)
        guard let facts = FileFacts(descriptor: data.descriptor) else {
            throw LogFileError(cannot: "look at \(path)", errno)
        }
        var header = like
        header.device = facts.device
        header.inode = facts.inode
        header.isAdopted = facts.size > 0
        let birth = xpm_birth_of(data.descriptor)
        header.hasBirth = birth > 0
        header.created = birth > 0 ? birth : Stamp.now.wall
        return (data, header)
    }

    /// On a full disk, or without descriptors, it is tried again, with the whole file: later it would be too late for it.
    private mutating func makeSidecar() throws(LogFileError) {
        do throws(LogFileError) {
            sidecar = try Sidecar.make(LogName.sidecar(of: path), header)
        } catch {
            if error.mayPass { throw error }
            faults.append("is written without times and not rotated: \(error.description)")
        }
    }

    private mutating func look() throws(LogFileError) {
        guard let facts = FileFacts(descriptor: data.descriptor) else {
            throw LogFileError(cannot: "look at \(path)", errno)
        }
        size = facts.size
        guard size > 0 else { return }
        var last: UInt8 = 0
        guard pread(data.descriptor, &last, 1, off_t(clamping: size - 1)) == 1 else { return }
        endsLine = last == UInt8(ascii: "\n")
    }

    /// What the folder has, after the current sidecar was brought to where its data file is. `lost` tells of a data file that is nowhere.
    private static func mendedListing(
        _ path: String
    ) throws(LogFileError) -> (files: LogFiles, lost: (logID: UInt64, base: UInt64, number: UInt64)?) {
        let files = try LogFiles(of: path)
        let sidecar = LogName.sidecar(of: path)
        guard files.orphans.contains(sidecar), let file = try? OpenFile.open(sidecar, O_RDONLY | O_NOFOLLOW),
            let header = try file.header()
        else { return (files, nil) }
        for data in files.foreign where data.rotation != nil {
            let birth = xpm_birth_time(AT_FDCWD, data.path) / 1000
            guard header.describes(data.facts, birth: birth) else { continue }
            if xpm_rename_new(AT_FDCWD, sidecar, data.sidecar) == 0 { return (try LogFiles(of: path), nil) }
        }
        let records = try Sidecar.open(sidecar, dataSize: LogRecord.maximumOffset)
        let end = header.base &+ (records.tail.data ?? 0) &+ unknownLength
        unlink(sidecar)
        return (files, (header.logID, end, header.number))
    }
}
