import CLinux
import Glibc
import Testing

@testable import XPMKeeping

/// Looks at processes that others started. A zombie counts as gone: pid 1 of some machines is slow to reap.
enum Processes {
    /// One that is exiting has neither memory nor files any more: its cgroup counts it no longer, a moment before it is a zombie.
    static func isAlive(_ pid: Int32) -> Bool {
        guard let stat = ProcessFiles.stat(of: pid), !stat.isGone else { return false }
        return ProcessFiles.contents(of: "/proc/\(pid)/cmdline").map { !$0.isEmpty } ?? false
    }

    /// Waits until a process is gone.
    static func awaitEnd(of pid: Int32, atMost limit: Duration = patience) throws {
        let handle = xpm_pidfd_open(pid)
        if handle < 0 && errno == ESRCH { return }
        guard handle >= 0 else { throw TestFailure(cannot: "watch process \(pid)") }
        defer { close(handle) }
        guard try isReadable(handle, within: limit) else {
            throw TestFailure("cannot wait longer for process \(pid) to end")
        }
    }

    /// Those whose command line or environment has `text`, which is a scratch folder's path: what a test left behind.
    static func mentioning(_ text: String) -> [Int32] {
        ProcessFiles.all().filter { !$0.isGone && $0.pid != getpid() }.map(\.pid).filter { pid in
            ["cmdline", "environ"].contains { file in
                let words = (ProcessFiles.contents(of: "/proc/\(pid)/\(file)") ?? []).map {
                    $0 == 0 ? 1 : CChar(bitPattern: $0)
                }
                return strstr(words + [0], text) != nil
            }
        }
    }

    /// The living children of a process.
    static func children(of pid: Int32) -> [Int32] {
        ProcessFiles.all().filter { $0.parent == pid && !$0.isGone }.map(\.pid)
    }

    static func commandLine(of pid: Int32) -> String {
        String(
            decoding: (ProcessFiles.contents(of: "/proc/\(pid)/cmdline") ?? []).map { $0 == 0 ? 32 : $0 }, as: UTF8.self
        )
    }

    /// Kills a process that is no child of this one, and returns when it is gone.
    static func kill(_ pid: Int32) throws {
        _ = Glibc.kill(pid, SIGKILL)
        try awaitEnd(of: pid)
    }
}
