import Glibc

/// How to tell a child that an earlier keeper was making when it was killed: until its execve, which nothing keeps from
/// coming, it runs on that keeper's memory and looks like a keeper of this socket.
struct HalfMadeChild {
    /// The keeper's own, as /proc shows it.
    let name: ArraySlice<UInt8>
    /// The keeper's own without the program's path, which an upgrade may change.
    let arguments: ArraySlice<UInt8>

    static func ofThisKeeper() -> HalfMadeChild {
        let arguments = ProcessFiles.contents(of: "/proc/self/cmdline") ?? []
        return HalfMadeChild(
            name: ProcessFiles.stat(of: getpid())?.name ?? [], arguments: arguments.drop { $0 != 0 })
    }

    /// Whether a process is one, or may have been one when it was looked at and has become a program since.
    func matches(_ process: ProcessStat) -> Bool {
        guard process.pid != getpid() else { return false }
        return matches(
            process, arguments: { ProcessFiles.contents(of: "/proc/\(process.pid)/cmdline") ?? [] },
            afterwards: { ProcessFiles.stat(of: process.pid) })
    }

    /// `arguments` are read after `process`, and `afterwards` is read after those: its execve may come at any of these
    /// moments, so that one look has the keeper's name and another the program's arguments, or none.
    func matches(_ process: ProcessStat, arguments: () -> [UInt8], afterwards: () -> ProcessStat?) -> Bool {
        guard process.name == name, !self.arguments.isEmpty else { return false }
        if arguments().suffix(self.arguments.count) == self.arguments { return true }
        guard let now = afterwards(), !now.isGone else { return false }
        return now.name != name || !now.showsEnvironment
    }
}
