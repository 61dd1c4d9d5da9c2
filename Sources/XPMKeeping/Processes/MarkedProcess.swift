import Glibc

/// A process of this user that an xpmd has marked as one of a service.
public struct MarkedProcess: Equatable, Sendable {
    public var pid: Int32
    /// In clock ticks since boot; with the pid it names one process of this boot.
    public var startTime: UInt64
    public var parent: Int32
    /// The whole entry of its environment.
    public var marker: String

    private static let key = Array("XPM_ATTEMPT=".utf8)

    /// A process whose environment was not read.
    public struct Candidate: Sendable {
        public let pid: Int32
        let startTime: UInt64
        let parent: Int32
    }

    /// The user's processes that may be some: all but this process, the keeper and what is below these.
    public static func candidates(outside keeper: Int32) -> [Candidate] {
        let processes = ProcessFiles.all()
        let own = Set(ProcessTree.closure(of: [keeper, getpid()], in: processes).map(\.pid))
        return processes.compactMap { process in
            var status = stat()
            guard !process.isGone, !own.contains(process.pid), lstat("/proc/\(process.pid)", &status) == 0,
                status.st_uid == geteuid()
            else { return nil }
            return Candidate(pid: process.pid, startTime: process.startTime, parent: process.parent)
        }
    }

    /// A process with its marker; nil for one that has none, or is gone. Reads its environment, which never answers while the process is
    /// stuck with its memory locked: not to be called on an event loop.
    public init?(_ process: Candidate) {
        guard let entry = ProcessFiles.environment(of: process.pid).first(where: { $0.starts(with: Self.key) }),
            let marker = String(validating: entry, as: UTF8.self),
            // The number may mean another process by now.
            ProcessFiles.stat(of: process.pid)?.startTime == process.startTime
        else { return nil }
        self.init(pid: process.pid, startTime: process.startTime, parent: process.parent, marker: marker)
    }

    init(pid: Int32, startTime: UInt64, parent: Int32, marker: String) {
        (self.pid, self.startTime, self.parent, self.marker) = (pid, startTime, parent, marker)
    }
}
