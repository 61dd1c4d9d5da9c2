import Glibc

/// Whether systemd keeps this user's manager, and with it the services, when the user has logged out.
enum Linger {
    /// Nil where no systemd would end them.
    static var isOn: Bool? {
        guard access("/run/systemd/system", F_OK) == 0, let entry = getpwuid(geteuid()) else { return nil }
        return access("/var/lib/systemd/linger/" + String(cString: entry.pointee.pw_name), F_OK) == 0
    }
}
