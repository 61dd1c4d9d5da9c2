import Glibc

/// Reads /proc. A process may be gone at any moment, so that "nothing" is always a possible answer.
enum ProcessFiles {
    /// More than the kernel lets a program's arguments and environment have together by default.
    private static let limit = 4 << 20

    /// A descriptor for when there are no others. The keeper has one thread.
    private nonisolated(unsafe) static var spare: Int32?

    /// Sees to it that there is one from now on; what never asks for it, as xpmd, has none.
    static func keepSpare() {
        guard keepsSpare, spare == nil else { return }
        let file = open("/dev/null", O_RDONLY | O_CLOEXEC)
        if file >= 0 { spare = file }
    }

    /// Set by the keeper, once.
    nonisolated(unsafe) static var keepsSpare = false

    /// Needs CONFIG_PROC_CHILDREN.
    private static let listsChildren = access("/proc/thread-self/children", F_OK) == 0

    /// Where this program is. To be asked when the process begins: the file may be replaced.
    static var ownFolder: String {
        var path = [UInt8](repeating: 0, count: Int(PATH_MAX))
        let count = path.withUnsafeMutableBufferPointer { bytes in
            bytes.withMemoryRebound(to: CChar.self) {
                $0.baseAddress.map { readlink("/proc/self/exe", $0, bytes.count) } ?? 0
            }
        }
        guard count > 0, let slash = path.prefix(count).lastIndex(of: UInt8(ascii: "/")) else { return "/" }
        return String(decoding: path[..<slash], as: UTF8.self)
    }

    /// A file's bytes, up to the limit; nil if it can't be opened or read.
    static func contents(of path: String) -> [UInt8]? {
        var file = open(path, O_RDONLY | O_CLOEXEC)
        if file < 0, errno == EMFILE, let spare {
            // To see what ended takes no more than one: that much is kept back for it.
            close(spare)
            file = open(path, O_RDONLY | O_CLOEXEC)
            let failure = errno
            Self.spare = nil
            errno = failure
        }
        guard file >= 0 else {
            let failure = errno
            keepSpare()
            errno = failure
            return nil
        }
        defer {
            close(file)
            keepSpare()
        }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 16 << 10)
        while bytes.count < limit {
            let count = read(file, &chunk, chunk.count)
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { return nil }
            if count == 0 { break }
            bytes.append(contentsOf: chunk[..<count])
        }
        return bytes
    }

    static func stat(of pid: Int32) -> ProcessStat? {
        contents(of: "/proc/\(pid)/stat").flatMap(ProcessStat.init(line:))
    }

    /// The `KEY=value` entries that a process was started with; empty for a zombie or another user's process.
    static func environment(of pid: Int32) -> [ArraySlice<UInt8>] {
        contents(of: "/proc/\(pid)/environ")?.split(separator: 0) ?? []
    }

    /// Whether a process that shows no environment just now may show one later: it is this user's, no thread of the
    /// kernel's, and none that may not be looked into, as key agents see to.
    static func mayShowEnvironment(_ process: ProcessStat) -> Bool {
        var status = Glibc.stat()
        let kernelThreads: Int32 = 2
        guard lstat("/proc/\(process.pid)", &status) == 0, status.st_uid == geteuid(),
            process.pid != kernelThreads, process.parent != kernelThreads
        else { return false }
        let file = open("/proc/\(process.pid)/environ", O_RDONLY | O_CLOEXEC)
        if file >= 0 { close(file) }
        return file >= 0 || (errno != EACCES && errno != EPERM)
    }

    /// The children of all threads of a process; nil if the kernel does not keep such lists.
    static func children(of pid: Int32) -> [Int32]? {
        guard listsChildren else { return nil }
        var children: [Int32] = []
        for thread in numbers(in: "/proc/\(pid)/task") {
            let list = contents(of: "/proc/\(pid)/task/\(thread)/children") ?? []
            children += list.split(separator: UInt8(ascii: " ")).compactMap(Int32.init(ascii:))
        }
        return children
    }

    /// The memory of a process that is in RAM, what it shares with others included.
    static func residentBytes(of pid: Int32) -> UInt64 {
        let fields = contents(of: "/proc/\(pid)/statm")?.split(separator: UInt8(ascii: " ")) ?? []
        guard fields.count > 1, let pages = UInt64(ascii: fields[1]) else { return 0 }
        return pages &* UInt64(sysconf(Int32(_SC_PAGESIZE)))
    }

    /// Every process that can be seen.
    static func all() -> [ProcessStat] {
        numbers(in: "/proc").compactMap(stat(of:))
    }

    /// The lines of a file as long as they are wanted; the rest is not read.
    static func lines(of path: String, while isWanted: (ArraySlice<UInt8>) -> Bool) -> [ArraySlice<UInt8>] {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return [] }
        defer { close(file) }
        var lines: [ArraySlice<UInt8>] = []
        var rest: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 16 << 10)
        while true {
            let count = read(file, &chunk, chunk.count)
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { return lines }
            rest += chunk[..<count]
            let pieces = rest.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
            for line in pieces.dropLast() {
                guard isWanted(line) else { return lines }
                lines.append(line)
            }
            rest = Array(pieces.last ?? [])
        }
    }

    /// Whether a process has one of the sockets open; false for one that may not be looked into.
    static func hasSocket(_ pid: Int32, _ inodes: Set<UInt64>) -> Bool {
        let folder = "/proc/\(pid)/fd"
        var target = [UInt8](repeating: 0, count: 64)
        return numbers(in: folder).contains { descriptor in
            let count = readlink("\(folder)/\(descriptor)", &target, target.count)
            let prefix = Array("socket:[".utf8)
            guard count > prefix.count, target[..<count].starts(with: prefix) else { return false }
            return UInt64(ascii: target[prefix.count..<(count - 1)]).map(inodes.contains) ?? false
        }
    }

    static func bootID() -> String {
        let bytes = contents(of: "/proc/sys/kernel/random/boot_id") ?? []
        return String(decoding: bytes.filter { $0 > UInt8(ascii: " ") }, as: UTF8.self)
    }

    private static func numbers(in folder: String) -> [Int32] {
        guard let stream = opendir(folder) else { return [] }
        defer { closedir(stream) }
        var numbers: [Int32] = []
        while let entry = readdir(stream) {
            let number = withUnsafeBytes(of: &entry.pointee.d_name) { name in
                Int32(ascii: Array(name.prefix { $0 != 0 })[...])
            }
            if let number { numbers.append(number) }
        }
        return numbers
    }
}
