import Glibc
import XPMProtocol

/// Starts xpmd where nothing answers: through its systemd user unit where that is installed, else detached.
public struct Autostart: Sendable {
    private let places: Places
    private let environment: [String: String]
    private let programs: String?

    /// How long a daemon may take until it says that it is ready.
    static let limit = Duration.seconds(10)

    /// Starts the daemon of `places`, with `environment` as its own. `xpmd` is looked for in the folder `programs`, then in `PATH`.
    public init(places: Places, environment: [String: String], programs: String? = Executable.ownFolder) {
        self.places = places
        self.environment = ProcessEnvironment.inheritable(environment).filter {
            // Another user's service manager is none, and who starts xpmd has warned already.
            places.warning == nil || $0.key != "XDG_RUNTIME_DIR"
        }
        self.programs = programs
    }

    /// Starts xpmd and returns when it is ready: `unreachable` with what it said, or how long it was silent.
    public func start() throws(WireError) {
        if UserUnit(environment: environment, isOverridden: places.isOverridden).isInstalled {
            try UserUnit.start(environment: environment)
        } else {
            try DetachedDaemon(places: places, environment: environment, programs: programs).start()
        }
    }
}
