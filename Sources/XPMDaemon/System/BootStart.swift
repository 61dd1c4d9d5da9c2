import Glibc

/// Whether something starts xpmd when the machine starts: its user unit, enabled, under a user manager that starts then.
struct BootStart {
    let environment: [String: String]

    /// The socket's unit alone waits for somebody to connect, which nobody may do after a reboot. May block.
    var isArranged: Bool {
        Linger.isOn == true && folders.contains { access("\($0)/default.target.wants/xpmd.service", F_OK) == 0 }
    }

    /// The folder of the user's own units.
    var ownUnits: String {
        (environment["XDG_CONFIG_HOME"] ?? (environment["HOME"] ?? "") + "/.config") + "/systemd/user"
    }

    private var folders: [String] {
        [ownUnits, "/etc/systemd/user", "/usr/local/lib/systemd/user", "/usr/lib/systemd/user"]
    }
}
