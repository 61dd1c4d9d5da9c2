import Glibc

extension Keeper {
    /// Another process of an attempt becomes its main process. Its end is told by its own parent's wait where that is the
    /// keeper by then, else by what its handle tells, as of an adopted one.
    func follow(_ number: UInt64, _ pid: Int32) {
        guard let attempt = table[number], attempt.isRunning, attempt.pid != pid,
            let stat = ProcessFiles.stat(of: pid), !stat.isGone, belongs(stat, to: attempt)
        else { return }
        do throws(ProcessHandle.Failure) {
            let handle = try ProcessHandle(pid: pid, startTime: stat.startTime)
            let watch = nextNumber()
            guard poller.add(handle.descriptor.number, .process(watch)) else { throw .unavailable(errno) }
            adopted.demoteMain(of: number)
            adopted.watches[watch] = .init(attempt: number, pid: pid, isMain: true, handle: handle)
            say(table.follows(number, pid: pid, startTime: stat.startTime))
        } catch {
            say([.refused(reason: "cannot follow process \(pid) of attempt \(number)")])
        }
    }
}
