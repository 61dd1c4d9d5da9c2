/// Whether services may have networks of their own (`network = "private"`), and what forbids it.
enum NamespaceCheck {
    /// What the kernel says of it; nil for what this kernel does not have.
    struct Settings: Equatable {
        /// kernel.unprivileged_userns_clone, of Debian.
        var clone: Int?
        /// user.max_user_namespaces, user.max_net_namespaces.
        var most: Int?
        var mostNetworks: Int?
        /// kernel.apparmor_restrict_unprivileged_userns, of Ubuntu.
        var restricted: Int?
    }

    /// What is tried: a network of its own, with its loopback.
    static let words = ["unshare", "--user", "--map-root-user", "--net", "true"]

    static func finding(_ trial: Trial.Outcome, _ settings: Settings) -> Finding {
        let name = "namespaces"
        let need = "private services (network = \"private\") cannot be started"
        switch trial {
        case .ended(0, _): return .ok(name, "services may have private networks")
        case .missing: return .note(name, "`unshare` is not installed, so it was not tried")
        case .tookTooLong: return .note(name, "`unshare` did not answer; \(need)")
        case .ended:
            if settings.clone == 0 {
                return .note(
                    name, "user namespaces are off: \(need)", "`sudo sysctl kernel.unprivileged_userns_clone=1`")
            }
            if settings.most == 0 {
                return .note(name, "user namespaces are off: \(need)", "`sudo sysctl user.max_user_namespaces=15000`")
            }
            if settings.mostNetworks == 0 {
                return .note(name, "network namespaces are off: \(need)", "`sudo sysctl user.max_net_namespaces=15000`")
            }
            if settings.restricted == 1 {
                return .note(
                    name, "AppArmor restricts user namespaces: \(need)",
                    "`sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0`, or a profile for xpm-keeper")
            }
            return .note(
                name, "they are forbidden here, as in most containers: \(need)",
                "run the container with a seccomp profile that allows unshare(2)")
        }
    }
}
