import XPMProtocol
import XPMTemplates

/// What xpm-web is to xpmd: a service like any other, in a run that nobody else may have and no list shows.
struct WebService {
    /// The run's experiment, and the names of run and service in it.
    static let (experiment, run, id) = ("xpmd", "web", "web")

    /// The installed program.
    var program: String
    /// By these variables it finds this xpmd, and no other.
    var places: [String: String] = [:]

    /// The run in a state folder.
    static func run(in stateFolder: String) -> RunIdentity {
        let folder = (try? WorkspacePath.normalized(stateFolder)) ?? stateFolder
        return RunIdentity(workspace: folder, experiment: experiment, run: run)
    }

    /// How it is run with these settings: by itself again, however often it ends, for nobody asks for it a second time.
    func definition(_ settings: WebSettings, own: [String: String]) -> ServiceDefinition {
        var arguments = [program, "--listen", settings.listen]
        if let port = settings.port { arguments += ["--port", String(port)] }
        if settings.pathMode { arguments.append("--path-mode") }
        return ServiceDefinition(
            run: .command(arguments), folder: "/", environment: own.merging(places) { _, ours in ours },
            readiness: Readiness(notify: true, timeoutSeconds: 30), stop: StopPolicy(graceSeconds: 5),
            restart: RestartPolicy(
                .always, delaySeconds: 0.1, maximumDelaySeconds: 30, resetAfterSeconds: 60, limit: 0, afterReboot: true)
        )
    }
}

extension DaemonPlaces {
    /// The web page of the xpmd that is here.
    var web: WebService {
        var places = ["XPMD_RUNTIME_DIR": runtime, "XPMD_STATE_DIR": state]
        // One that is named keeps clients from looking elsewhere, so only one that does not follow from the folder is.
        if socket != runtime + "/xpmd.sock" { places["XPMD_SOCKET"] = socket }
        return WebService(program: Installation.web, places: places)
    }
}
