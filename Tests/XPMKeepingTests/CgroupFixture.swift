import Glibc

@testable import XPMKeeping

/// A cgroup for one test, where this machine lets one be made.
final class CgroupFixture {
    /// As in /proc/PID/cgroup.
    let path: String
    let files: CgroupFiles

    /// Nil, and said loudly, where that is not possible.
    init?() {
        path = "/xpmd-test-\(getpid())-\(UInt32.random(in: .min ... .max))"
        guard geteuid() == 0, let files = CgroupFiles(path: path), mkdir(files.folder, 0o755) == 0 else {
            print("SKIPPED: no cgroup can be made here, which needs root and a mounted cgroup2")
            return nil
        }
        self.files = files
    }

    deinit {
        _ = files.kill()
        // Killing only begins it: the keeper's own end is what these tests wait for.
        for _ in 0..<2000 where !files.remove() { poll(nil, 0, 5) }
    }
}

extension KeeperFixture {
    /// A client of the second version, with everything that was said before and with the snapshot.
    func greetNewly() throws -> (client: KeeperClient, before: [KeeperMessage]) {
        let client = try connect()
        try client.send(.hello(minimum: 1, maximum: 3))
        var before: [KeeperMessage] = []
        while true {
            let message = try client.next()
            before.append(message)
            if case .snapshot = message { return (client, before) }
        }
    }

    /// The same, with a cgroup for each attempt.
    func greet(in cgroup: CgroupFixture) throws -> KeeperClient {
        let (client, _) = try greetNewly()
        try client.send(.useCgroup(folder: cgroup.path))
        let answer = try client.next { if case .cgroup = $0 { true } else { false } }
        guard case .cgroup(cgroup.path, _, "") = answer else { throw TestFailure("no cgroup: \(answer)") }
        return client
    }

    func extras(_ order: SpawnOrder, _ change: (inout SpawnExtras) -> Void) -> SpawnOrder {
        var order = order
        change(&order.extras)
        return order
    }
}
