import Glibc
import XPMProtocol

/// Namespaces of users, in which the kernel's limits for a user are their own.
enum UserNamespace {
    /// Whether one can be made, with limits of its own.
    static let isAllowed: Bool = {
        let probe = try? ChildProcess(
            ["/bin/sh", "-c", "unshare -Ur sh -c 'echo 9 >/proc/sys/user/max_inotify_watches'"],
            environment: ["PATH": "/usr/bin:/bin"], files: [2: ("/dev/null", O_WRONLY)])
        return (try? probe?.wait()) == .code(0)
    }()
}

extension Instance {
    /// Makes xpmd start in a user namespace of its own, with a limit of `/proc/sys/user`.
    func limit(_ name: String, to count: Int) throws {
        program = try scratch.file(
            "limited",
            """
            #!/bin/sh
            exec unshare -Ur sh -c 'echo \(count) >/proc/sys/user/\(name) && exec "$0" "$@"' '\(Binaries.xpmd)' "$@"

            """, mode: 0o700)
    }

    /// Changes the limit of the namespace that xpmd runs in.
    func changeLimit(_ name: String, to count: Int) throws {
        let pid = try String(status().pid)
        let change = try ChildProcess(
            [
                "nsenter", "--user", "--preserve-credentials", "--target", pid, "sh", "-c",
                "echo \(count) >/proc/sys/user/\(name)",
            ], environment: serviceEnvironment)
        guard try change.wait() == .code(0) else { throw TestFailure("cannot change \(name)") }
    }
}
