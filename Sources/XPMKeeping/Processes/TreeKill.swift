import Glibc

/// Ends whole trees of processes.
enum TreeKill {
    /// Bounds the search in a tree that grows faster than it is stopped; the next sweep goes on.
    private static let rounds = 16

    /// SIGKILL to every process that `list` finds; returns them. All are stopped first, until the list grows no more: a process that is
    /// killed while it forks would leave a child that nothing but its parent could have told of.
    @discardableResult
    static func kill(_ list: () -> [ProcessStat]) -> [ProcessStat] {
        var found: [ProcessStat] = []
        var seen: Set<Int32> = []
        for _ in 0..<rounds {
            let new = list().filter { !$0.isGone && seen.insert($0.pid).inserted }
            if new.isEmpty { break }
            for process in new { send(SIGSTOP, to: process) }
            found += new
        }
        // Children first: a stopped process whose parent dies is sent SIGHUP and SIGCONT if its group is orphaned by it.
        for process in found.reversed() { send(SIGKILL, to: process) }
        return found
    }

    /// Signals a process if it is still the one that was listed.
    static func send(_ signal: Int32, to process: ProcessStat) {
        do throws(ProcessHandle.Failure) {
            try ProcessHandle(pid: process.pid, startTime: process.startTime).send(signal)
        } catch {
            // Without a descriptor to spare, or before Linux 5.3, the number has to do: a moment after it was verified,
            // and numbers are given out in turn.
            if error != .gone, ProcessFiles.stat(of: process.pid)?.startTime == process.startTime {
                _ = Glibc.kill(process.pid, signal)
            }
        }
    }
}
