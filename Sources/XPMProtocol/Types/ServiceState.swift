/// What a service is doing, with experimaestro's names. Details (since when, why, exit, URL) are fields beside it.
public enum ServiceState: String, WordChoice, Sendable {
    /// No process, none wanted.
    case stopped = "STOPPED"
    /// Asked to run; its process is not ready yet.
    case starting = "STARTING"
    /// Its process runs and is ready.
    case running = "RUNNING"
    /// Asked to end; processes of it may still live.
    case stopping = "STOPPING"
    /// It failed; `error` says why. It can be started again from here.
    case error = "ERROR"
}
