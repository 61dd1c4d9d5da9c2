import XPMProtocol

/// How the daemon is, for people or as JSON.
struct DaemonPage {
    var output: OutputFormat

    func show(_ status: DaemonStatus.Reply) throws {
        switch output {
        case .json: try StandardOutput.writeJSON(status)
        case .table: try StandardOutput.write(Self.text(status, now: .now))
        }
    }

    static func text(_ status: DaemonStatus.Reply, now: Timestamp) -> String {
        var table = Table()
        func add(_ label: String, _ value: String) { table.add([Table.Cell(label), Table.Cell(value)]) }
        add("version", status.version)
        add("pid", String(status.pid))
        add("keeper", status.keeperPid.map(String.init) ?? "none")
        if status.keeperFault != nil {
            let pid = status.keeperPid.map { "`kill -CONT \($0)` resumes it if it is suspended" }
            add("", ["does not answer", pid].compactMap { $0 }.joined(separator: "; "))
        }
        if let fault = status.loggerFault {
            let meaning = "services wait once 64 KiB of their output are not read; it is tried again every 5 s"
            add("logger", "\(fault); \(meaning)")
        }
        add("up since", "\(Age.text(since: status.startedAt, now: now)) (\(status.startedAt))")
        add("socket", status.socket)
        add("state folder", status.stateFolder)
        let counts = ServiceState.allCases.compactMap { state in
            status.services[state.rawValue].flatMap { $0 == 0 ? nil : "\($0) \(state.rawValue)" }
        }
        add("services", counts.isEmpty ? "none" : counts.joined(separator: ", "))
        add("connections", String(status.connections))
        add("last event", String(status.lastEvent))
        if let web = status.web { add("web page", WebStatusPage.line(web)) }
        if let fault = status.webFault { add("", fault) }
        if let cgroup = status.cgroup {
            let controllers = status.controllers ?? []
            add("cgroup", controllers.isEmpty ? cgroup : "\(cgroup) (\(controllers.joined(separator: ", ")))")
        }
        if status.linger == false {
            add("linger", "off: services end with your last session; `loginctl enable-linger` keeps them running")
        }
        if status.startsAtBoot == false { add("boot", boot(status.linger)) }
        if let fault = status.settingsFault { add("settings", "\(fault); the defaults are used") }
        if let fault = status.watchFault { add("inotify", fault) }
        if let hint = StrayTable.hint(status.strays) { add("strays", hint) }
        if let fault = status.storageFault { add("fault", fault) }
        // What is wrong now is more than what was.
        if status.storageFault == nil, let note = status.storageNote { add("storage", note) }
        return table.text
    }

    /// What starts xpmd at boot where nothing does. `linger` is nil where there is no systemd.
    private static func boot(_ linger: Bool?) -> String {
        let fault = "nothing starts xpmd at boot, but some services have --after-reboot; "
        guard let linger else { return fault + "run `xpmctl daemon start` at boot, from cron's @reboot for example" }
        return fault + "`systemctl --user enable --now xpmd.service`"
            + (linger ? " starts it" : " and `loginctl enable-linger` start it")
    }
}
