import XPMProtocol

/// What services rest on: runtime folder, logins, control groups, watches of files.
enum MachineChecks {
    static func runtimeFolder(_ places: Places) -> Finding {
        let name = "runtime folder"
        if let warning = places.warning {
            return .note(
                name, warning, "log in by a session of systemd, or set XPMD_RUNTIME_DIR to a folder of your own")
        }
        guard places.isRuntimeFolderShared else { return .ok(name, places.runtimeFolder) }
        return .note(
            name, "XDG_RUNTIME_DIR is not set: \(places.runtimeFolder) is used",
            "set it to /run/user/$UID where you are logged in by systemd")
    }

    static func linger(_ isOn: Bool?) -> Finding {
        switch isOn {
        case nil: .ok("linger", "no systemd ends services at the last logout")
        case true?: .ok("linger", "services keep running after the last logout")
        case false?: .note("linger", "off: services end with your last session", "`loginctl enable-linger`")
        }
    }

    static func boot(_ startsAtBoot: Bool?) -> [Finding] {
        guard startsAtBoot == false else { return [] }
        return [
            .note(
                "boot", "nothing starts xpmd at boot, but some services have --after-reboot",
                "`systemctl --user enable --now xpmd.service`, or `@reboot xpmctl daemon start` in cron")
        ]
    }

    /// The controllers by which a service's limits are enforced.
    private static let controllers = ["cpu", "memory", "pids"]

    static func cgroups(_ status: DaemonStatus.Reply) -> Finding {
        let name = "cgroups"
        guard status.cgroup != nil else {
            return .note(
                name, "services have none of their own: limits are not enforced",
                "start xpmd by its systemd user unit: `systemctl --user enable --now xpmd.socket`")
        }
        let missing = controllers.filter { !(status.controllers ?? []).contains($0) }
        guard !missing.isEmpty else { return .ok(name, "\(controllers.joined(separator: ", ")) enforce limits") }
        return .note(
            name, "without \(missing.joined(separator: ", ")): these limits are not enforced",
            "have systemd delegate them: `Delegate=cpu memory pids` for user@.service")
    }

    /// Below these xpmd falls back to looking at files again and again with some hundred services or runs.
    private static let fewest = (watches: 16_384, instances: 64)

    static func inotify(watches: Int?, instances: Int?, fault: String?) -> Finding {
        let name = "inotify"
        let remedy =
            "`sudo sysctl fs.inotify.max_user_watches=524288 fs.inotify.max_user_instances=1024`"
        if let fault { return .note(name, fault, remedy) }
        guard let watches, let instances else { return .note(name, "its limits cannot be read") }
        let text = "\(watches) watches, \(instances) instances"
        guard watches >= fewest.watches, instances >= fewest.instances else {
            return .note(name, "few: \(text)", remedy)
        }
        return .ok(name, text)
    }
}
