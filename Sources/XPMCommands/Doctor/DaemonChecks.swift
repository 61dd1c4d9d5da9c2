import XPMClient
import XPMProtocol

/// How xpmd is reached, and what it says of itself.
enum DaemonChecks {
    /// How it was asked.
    enum Answer {
        case status(DaemonStatus.Reply)
        case failed(WireError)
    }

    static func findings(_ answer: Answer, installed: String?) -> [Finding] {
        switch answer {
        case .failed(let error) where error.isNobodyThere:
            return [.note("xpmd", "it is not running", "`xpmctl daemon start`; other commands start it when needed")]
        case .failed(let error): return [.fault("xpmd", error.message, Hints.hint(for: error, typed: "doctor"))]
        case .status(let status):
            return [running(status, installed)] + keeper(status) + storage(status) + strays(status)
        }
    }

    private static func running(_ status: DaemonStatus.Reply, _ installed: String?) -> Finding {
        let text = "process \(status.pid) at \(status.socket)"
        guard let installed, installed != status.version else { return .ok("xpmd", text) }
        return .note(
            "xpmd", "\(text) is \(status.version), \(installed) is installed",
            "`xpmctl daemon reexec`; services keep running")
    }

    private static func keeper(_ status: DaemonStatus.Reply) -> [Finding] {
        var findings: [Finding] = []
        if let fault = status.keeperFault {
            let remedy = status.keeperPid.map { "`kill -CONT \($0)` resumes it if it is suspended" }
            findings.append(.fault("keeper", fault, remedy))
        } else if let pid = status.keeperPid {
            findings.append(.ok("keeper", "process \(pid)"))
        } else {
            findings.append(.fault("keeper", "there is none", "see xpmd's log in \(status.stateFolder)/xpmd.log"))
        }
        guard let fault = status.loggerFault else { return findings + [.ok("logger", "it reads what services write")] }
        return findings + [.fault("logger", fault, "it is tried again every 5 s; see \(status.stateFolder)/keeper.log")]
    }

    private static func storage(_ status: DaemonStatus.Reply) -> [Finding] {
        var findings: [Finding] = []
        if let fault = status.storageFault {
            findings.append(.fault("state folder", fault, "free space, or mend the file system"))
        } else if let note = status.storageNote {
            findings.append(.note("state folder", note))
        } else {
            findings.append(.ok("state folder", status.stateFolder))
        }
        if let fault = status.settingsFault {
            findings.append(.fault("settings", "\(fault); the defaults are used", "correct the file"))
        }
        return findings
    }

    private static func strays(_ status: DaemonStatus.Reply) -> [Finding] {
        guard let count = status.strays, count > 0 else { return [] }
        return [.note("strays", StrayTable.count(count), "`xpmctl strays`")]
    }
}
