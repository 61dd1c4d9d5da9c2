import Glibc

/// Whether something starts xpmd when the machine starts: its user unit, enabled, under a user manager that starts then.
struct BootStart {
    let environment: [String: String]

    /// The socket's unit alone waits for somebody to connect, which nobody may do after a reboot.
    var isArranged: Bool {
        Linger.isOn == true && folders.contains { access("\($0)/default.target.wants/xpmd.service", F_OK) == 0 }
    }

    private var folders: [String] {
        let config = environment["XDG_CONFIG_HOME"] ?? environment["HOME"].map { $0 + "/.config" }
        return [config].compactMap { $0.map { $0 + "/systemd/user" } }
            + ["/etc/systemd/user", "/usr/local/lib/systemd/user", "/usr/lib/systemd/user"]
    }
}
