import Glibc

/// The files of one cgroup (version 2). A cgroup may be gone at any moment, so that "nothing" is always a possible answer.
struct CgroupFiles: Equatable, Sendable {
    /// Its folder in the file system.
    let folder: String

    /// Where the cgroup file system of version 2 is mounted, and which cgroup that place shows, "/" outside of containers.
    static let mount: (point: String, root: String)? = {
        let table = String(decoding: ProcessFiles.contents(of: "/proc/self/mountinfo") ?? [], as: UTF8.self)
        return mount(in: table)
    }()

    /// Reads proc_pid_mountinfo(5).
    static func mount(in table: String) -> (point: String, root: String)? {
        for line in table.split(separator: "\n") {
            let fields = line.split(separator: " ")
            guard let dash = fields.firstIndex(of: "-"), dash + 1 < fields.count, fields[dash + 1] == "cgroup2",
                fields.count > 4
            else { continue }
            return (String(fields[4]), String(fields[3]))
        }
        return nil
    }

    /// The cgroup with a path as in /proc/PID/cgroup; nil where none of these is mounted.
    init?(path: String) {
        guard let mount = Self.mount, path.hasPrefix("/") else { return nil }
        folder = mount.point + (path == "/" ? "" : path)
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
    func value(_ key: String, in file: String) -> UInt64? {
        for line in read(file)?.split(separator: "\n") ?? [] {
            let parts = line.split(separator: " ")
            if parts.count == 2, parts[0] == key { return UInt64(parts[1]) }
        }
        return nil
    }

    /// Whether any process lives in it or below; nil once it is gone.
    var isPopulated: Bool? { value("populated", in: "cgroup.events").map { $0 != 0 } }

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

    /// Ends everything in it at once, whatever it forks meanwhile; false on kernels before 5.14.
    func kill() -> Bool { write("cgroup.kill", "1") }

    /// Removes it with the cgroups in it; false while a process is left, or a dead one is not done with yet.
    @discardableResult
    func remove() -> Bool {
        for name in children { child(name).remove() }
        return rmdir(folder) == 0 || errno == ENOENT
    }
}
