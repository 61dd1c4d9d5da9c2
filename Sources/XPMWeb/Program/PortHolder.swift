import Glibc

/// The process that listens on a port of this machine, for an error that names it.
struct PortHolder: Hashable {
    /// Nil where it belongs to another user, and cannot be looked into.
    var process: (pid: Int32, program: String)?
    var user: UInt32

    /// Nil where nobody listens, or the kernel does not tell.
    init?(port: UInt16) {
        let rows = ["/proc/net/tcp", "/proc/net/tcp6"].flatMap { Self.listeners(port, in: $0) }
        guard let first = rows.first else { return nil }
        user = first.user
        process = Self.process(having: Set(rows.map { "socket:[\($0.inode)]" }))
    }

    /// A clause: `'nginx' (process 4711) has it`.
    var description: String {
        if let process { return "'\(process.program)' (process \(process.pid)) has it" }
        return "a process of user \(user) has it"
    }

    static func == (one: PortHolder, other: PortHolder) -> Bool {
        one.process?.pid == other.process?.pid && one.user == other.user
    }

    func hash(into hasher: inout Hasher) { hasher.combine(user) }

    /// What a file of /proc may have that is read; listening sockets come first in the tables.
    private static let most = 1 << 20

    private static func listeners(_ port: UInt16, in table: String) -> [(inode: String, user: UInt32)] {
        text(of: table).split(separator: "\n").dropFirst().compactMap { line in
            let fields = line.split(separator: " ")
            guard fields.count > 9, fields[3] == "0A", let colon = fields[1].lastIndex(of: ":"),
                UInt16(fields[1][fields[1].index(after: colon)...], radix: 16) == port, let user = UInt32(fields[7])
            else { return nil }
            return (String(fields[9]), user)
        }
    }

    private static func process(having sockets: Set<String>) -> (pid: Int32, program: String)? {
        for name in names(in: "/proc") {
            guard let pid = Int32(name) else { continue }
            for descriptor in names(in: "/proc/\(pid)/fd") {
                var buffer = [CChar](repeating: 0, count: 64)
                let count = readlink("/proc/\(pid)/fd/\(descriptor)", &buffer, buffer.count)
                guard count > 0 else { continue }
                let target = String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
                if sockets.contains(target) {
                    return (pid, String(text(of: "/proc/\(pid)/comm").prefix { $0 != "\n" }))
                }
            }
        }
        return nil
    }

    private static func names(in folder: String) -> [String] {
        guard let stream = opendir(folder) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            names.append(
                withUnsafeBytes(of: &entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) })
        }
        return names
    }

    private static func text(of path: String) -> String {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return "" }
        defer { close(file) }
        var bytes: [UInt8] = []
        while bytes.count < most {
            let chunk = [UInt8](unsafeUninitializedCapacity: 1 << 16) { buffer, count in
                count = max(0, read(file, buffer.baseAddress, buffer.count))
            }
            guard !chunk.isEmpty else { break }
            bytes += chunk
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
