import Glibc
import XPMProtocol

/// The systemd user unit `xpmd.service`.
struct UserUnit {
    /// Whether a user manager runs, the unit is installed, and it would start the instance that is meant.
    let isInstalled: Bool

    private static let name = "xpmd.service"

    /// Looks for the unit. With `XPMD_` overrides another instance is meant than the unit's.
    init(environment: [String: String], isOverridden: Bool) {
        guard !isOverridden, let runtime = environment["XDG_RUNTIME_DIR"],
            access(runtime + "/systemd/private", F_OK) == 0
        else {
            isInstalled = false
            return
        }
        isInstalled = Self.folders(environment).contains { access("\($0)/\(Self.name)", F_OK) == 0 }
    }

    /// The folders of systemd.unit(5) in which a packaged or hand-made user unit is looked for.
    static func folders(_ environment: [String: String]) -> [String] {
        let home = environment["HOME"]
        let config = environment["XDG_CONFIG_HOME"] ?? home.map { $0 + "/.config" }
        let data = environment["XDG_DATA_HOME"] ?? home.map { $0 + "/.local/share" }
        return [config, data].compactMap { $0.map { $0 + "/systemd/user" } }
            + ["/etc/systemd/user", "/usr/local/lib/systemd/user", "/usr/lib/systemd/user"]
    }

    /// Asks the user manager to start it; returns when the daemon has said that it is ready.
    static func start(environment: [String: String]) throws(WireError) {
        guard let systemctl = Executable.find("systemctl", path: environment["PATH"]) else {
            throw WireError(.unreachable, "cannot start xpmd: its user unit is installed, but systemctl is not in PATH")
        }
        let command = "systemctl --user start \(name)"
        var pipe = try Pipe()
        let spawn = Spawn(
            path: systemctl, arguments: ["systemctl", "--user", "start", name], environment: environment,
            descriptors: [(pipe.writing, 2)], files: [("/dev/null", O_RDONLY, 0), ("/dev/null", O_WRONLY, 1)])
        let process: pid_t
        switch spawn.run() {
        case .success(let id): process = id
        case .failure(let error): throw WireError(.unreachable, "cannot start xpmd: \(command): \(reason(error.code))")
        }
        pipe.closeWriting()
        let said = pipe.read(until: Deadline(after: Autostart.limit))
        if said == nil { kill(process, SIGTERM) }
        let code = Spawn.wait(for: process)
        guard let said else {
            throw WireError(.unreachable, "cannot start xpmd: \(command) did not finish within \(Autostart.limit)")
        }
        guard code == 0 else {
            let words = String(decoding: said, as: UTF8.self).split(separator: "\n").first.map { ": \($0)" } ?? ""
            throw WireError(.unreachable, "cannot start xpmd: \(command) exited with code \(code)\(words)")
        }
    }
}
