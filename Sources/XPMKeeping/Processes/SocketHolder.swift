import Glibc

/// A process that has a socket open.
public struct SocketHolder: Hashable, Sendable {
    public var pid: Int32
    /// The program's name, cut to 15 bytes.
    public var name: String
    /// It and its ancestors.
    public var lineage: [Int32]
    /// The mark of the attempt that it was started for, `XPM_ATTEMPT=…`, where it has one.
    public var marker: String?

    /// The process of that number, as far as it can be seen; nil where it is gone.
    public init?(pid: Int32) {
        guard pid > 0, let stat = ProcessFiles.stat(of: pid), !stat.isGone else { return nil }
        self.pid = pid
        name = String(decoding: stat.name, as: UTF8.self)
        lineage = ProcessTree.lineage(of: stat)
        marker = ProcessFiles.environment(of: pid).first { $0.starts(with: "XPM_ATTEMPT=".utf8) }
            .map { String(decoding: $0, as: UTF8.self) }
    }

    /// All that have one of the sockets open, as far as they may be looked into.
    public static func all(of sockets: Set<UInt64>) -> [SocketHolder] {
        ProcessFiles.all().filter { ProcessFiles.hasSocket($0.pid, sockets) }.compactMap { SocketHolder(pid: $0.pid) }
    }
}

/// The processes of one attempt, seen from outside the keeper.
public struct AttemptProcesses: Hashable, Sendable {
    private let pid: Int32
    private let startTime: UInt64
    private let marker: String
    private let cgroup: String?

    /// `cgroup` is a path as in /proc/PID/cgroup, nil where the attempt has none.
    public init(pid: Int32, startTime: UInt64, marker: String, cgroup: String?) {
        (self.pid, self.startTime, self.marker, self.cgroup) = (pid, startTime, marker, cgroup)
    }

    /// Whether the main process is there.
    public var isAlive: Bool {
        ProcessFiles.stat(of: pid).map { !$0.isGone && $0.startTime == startTime } ?? false
    }

    /// Whether a process of the attempt has one of the sockets open.
    public func have(_ sockets: Set<UInt64>) -> Bool {
        let inside = (files?.processes ?? []) + ProcessTree.below([pid]).map(\.pid)
        return inside.contains { ProcessFiles.hasSocket($0, sockets) }
    }

    /// Whether a process is one of them.
    public func contains(_ holder: SocketHolder) -> Bool {
        holder.lineage.contains(pid) || holder.marker == marker || files?.contains(holder.pid) == true
    }

    private var files: CgroupFiles? { cgroup.flatMap { CgroupFiles(path: $0) } }
}
