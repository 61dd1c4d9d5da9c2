import Glibc

/// Whether the user's units, and with them the services, live on after the last logout.
enum Linger {
    /// As `loginctl enable-linger` has left it; nil where there is no systemd to end anything.
    static var isOn: Bool? {
        guard access("/run/systemd/system", F_OK) == 0, let name = UserName.own else { return nil }
        return access("/var/lib/systemd/linger/\(name)", F_OK) == 0
    }
}
