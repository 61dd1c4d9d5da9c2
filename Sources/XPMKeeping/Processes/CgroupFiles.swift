import Glibc

/// The files of one cgroup (version 2). A cgroup may be gone at any moment, so that "nothing" is always a possible answer.
struct CgroupFiles: Equatable, Sendable {
    /// Its folder in the file system.
    let folder: String

    /// The cgroup with a path as in /proc/PID/cgroup; nil where no mount shows it.
    init?(path: String) {
        guard let folder = CgroupMounts.own.folder(of: path) else { return nil }
        self.folder = folder
    }

    init(folder: String) { self.folder = folder }

    func child(_ name: String) -> CgroupFiles { CgroupFiles(folder: "\(folder)/\(name)") }

    func read(_ file: String) -> String? {
        ProcessFiles.contents(of: "\(folder)/\(file)").map { String(decoding: $0, as: UTF8.self) }
    }

    /// False with errno if the kernel refuses.
    func write(_ file: String, _ text: String) -> Bool {
        let descriptor = open("\(folder)/\(file)", O_WRONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        var text = text
        return text.withUTF8 { Glibc.write(descriptor, $0.baseAddress, $0.count) } == text.utf8.count
    }

    /// The value of one key of a file of lines `key value`.
    func value(_ key: String, in file: String) -> UInt64? { read(file).flatMap { Self.value(key, in: $0) } }

    private static func value(_ key: String, in text: String) -> UInt64? {
        for line in text.split(separator: "\n") {
            let parts = line.split(separator: " ")
            if parts.count == 2, parts[0] == key { return UInt64(parts[1]) }
        }
        return nil
    }

    /// Whether any process lives in it or below, which is not so once it is gone; nil if that can't be said just now, for
    /// want of a descriptor or of memory.
    var isPopulated: Bool? {
        guard let text = read("cgroup.events") else { return errno == ENOENT || errno == ENODEV ? false : nil }
        return Self.value("populated", in: text).map { $0 != 0 }
    }

    var exists: Bool { access(folder, F_OK) == 0 }

    /// Names of the cgroups in it.
    var children: [String] {
        guard let stream = opendir(folder) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            guard entry.pointee.d_type == UInt8(DT_DIR) else { continue }
            let name = withUnsafeBytes(of: &entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }

    /// The processes in it and below.
    var processes: [Int32] {
        let own = ProcessFiles.contents(of: folder + "/cgroup.procs") ?? []
        let pids = own.split(separator: UInt8(ascii: "\n")).compactMap(Int32.init(ascii:)).filter { $0 > 0 }
        return pids + children.flatMap { child($0).processes }
    }

    /// Whether a process is in it or below.
    func contains(_ pid: Int32) -> Bool {
        let lines = ProcessFiles.contents(of: "/proc/\(pid)/cgroup")?.split(separator: UInt8(ascii: "\n")) ?? []
        guard let line = lines.first(where: { $0.starts(with: "0::/".utf8) }),
            let place = CgroupMounts.own.folder(of: String(decoding: line.dropFirst(3), as: UTF8.self))
        else { return false }
        return place == folder || place.hasPrefix(folder + "/")
    }

    /// Ends everything in it at once, whatever it forks meanwhile; false on kernels before 5.14.
    func kill() -> Bool { write("cgroup.kill", "1") }

    /// Lets processes go on that somebody has frozen by it or by one below: until then they see no signal but SIGKILL.
    func thaw() {
        _ = write("cgroup.freeze", "0")
        for name in children { child(name).thaw() }
    }

    /// Removes it with the cgroups in it; false while a process is left, or a dead one is not done with yet.
    @discardableResult
    func remove() -> Bool {
        for name in children { child(name).remove() }
        return rmdir(folder) == 0 || errno == ENOENT
    }
}
