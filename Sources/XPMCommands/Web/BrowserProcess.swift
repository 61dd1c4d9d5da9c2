import Glibc
import XPMClient
import XPMProtocol

/// Runs the command that opens a page, out of reach of this terminal.
enum BrowserProcess {
    /// How long it is watched: what opens a page in a browser that runs already has ended by then, a browser itself goes on.
    private static let patience = Duration.seconds(3)

    /// Throws `start_failed` for a command that is not there, or fails at once.
    static func run(_ words: [String]) throws(WireError) {
        let environment = ProcessEnvironment.current
        let name = words.first ?? ""
        let path = name.contains("/") ? name : Executable.find(name, path: environment["PATH"])
        guard let path else {
            throw WireError(.startFailed, "cannot open a browser: there is no \(Name.quoted(name)) here")
        }
        let child = Spawn(
            path: path, arguments: words, environment: environment,
            files: [("/dev/null", O_RDONLY, 0), ("/dev/null", O_WRONLY, 1), ("/dev/null", O_WRONLY, 2)],
            ownSession: true)
        let process: pid_t
        switch child.run() {
        case .success(let started): process = started
        case .failure(let error):
            throw WireError(
                .startFailed, "cannot open a browser: cannot run \(path): \(String(cString: strerror(error.code)))")
        }
        ProcessWatch(pid: process).waitForEnd(limit: patience)
        var status: Int32 = 0
        guard waitpid(process, &status, WNOHANG) == process, status != 0 else { return }
        throw WireError(.startFailed, "cannot open a browser: \(Name.quoted(name)) failed")
    }
}
