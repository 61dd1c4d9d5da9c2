import Glibc
import XPMProtocol

/// An xpmd in a session of its own, without terminal. It says on a pipe, `--ready-fd`, when it is ready or why not.
struct DetachedDaemon {
    let places: Places
    let environment: [String: String]
    let programs: String?

    /// The descriptor that the daemon finds its end of the pipe at.
    private static let readyDescriptor: Int32 = 3

    /// How many starts one is given that crashes: the one after two that crashed over the same does without that.
    private static let mostStarts = 4

    /// Starts it and waits for its word.
    func start() throws(WireError) {
        for _ in 1..<Self.mostStarts { if try start(mayCrash: true) { return } }
        _ = try start(mayCrash: false)
    }

    /// False where it crashed, and that is not told.
    private func start(mayCrash: Bool) throws(WireError) -> Bool {
        let path = try find()
        try places.checkState(user: geteuid()) { FileFacts(at: $0) }
        let log = try makeStateFolder() + "/xpmd.log"
        let output = try DaemonLog.open(log)
        defer { close(output) }
        var pipe = try Pipe()
        // Started from within a service, a notebook's terminal say, it would count as a process of that service by these.
        let own = environment.filter { !$0.key.hasPrefix("XPM_") }
        let spawn = Spawn(
            path: path, arguments: ["xpmd", "--ready-fd", String(Self.readyDescriptor)], environment: own,
            descriptors: [(pipe.writing, Self.readyDescriptor), (output, 2)],
            files: [("/dev/null", O_RDONLY, 0), ("/dev/null", O_WRONLY, 1)],
            ownSession: true)
        let process: pid_t
        switch spawn.run() {
        case .success(let id): process = id
        case .failure(let error): throw WireError(.unreachable, "cannot start \(path): \(reason(error.code))")
        }
        pipe.closeWriting()
        let said = pipe.read(until: Deadline(after: Autostart.limit)) { $0.contains(UInt8(ascii: "\n")) }
        if mayCrash, said == [], Spawn.wait(for: process) > 128 { return false }
        // It stays a child of this process: without a wait it would stay a zombie when it ends before us.
        Thread.start { _ = Spawn.wait(for: process) }
        guard let said else {
            throw WireError(
                .unreachable, "cannot start xpmd: it was not ready within \(Autostart.limit); see \(log)",
                data: ["path": .string(log)])
        }
        let line = String(decoding: said.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
        switch line {
        case "ready": return true
        case "":
            throw WireError(
                .unreachable, "cannot start xpmd: it exited immediately; see \(log)", data: ["path": .string(log)])
        default:
            var cause = line[...]
            for said in ["error: ", "cannot start: "] where cause.hasPrefix(said) {
                cause = cause.dropFirst(said.count)
            }
            throw WireError(.unreachable, "cannot start xpmd: \(cause)", data: ["path": .string(log)])
        }
    }

    private func find() throws(WireError) -> String {
        if let beside = programs.map({ $0 + "/xpmd" }), Executable.isExecutable(beside) { return beside }
        if let path = Executable.find("xpmd", path: environment["PATH"]) { return path }
        throw WireError(.unreachable, "cannot start xpmd: the program is neither next to this one nor in PATH")
    }

    private func makeStateFolder() throws(WireError) -> String {
        let folder = try places.stateFolder
        var path = ""
        for component in folder.split(separator: "/") {
            path += "/\(component)"
            // Only the last one is ours alone; those above follow the user's umask, 0700 as XDG asks for what did not exist.
            if mkdir(path, 0o700) != 0 && errno != EEXIST && errno != EISDIR {
                let cause = reason()
                var status = stat()
                guard stat(path, &status) == 0 else {
                    throw WireError(.unreachable, "cannot start xpmd: cannot make the folder \(path): \(cause)")
                }
            }
        }
        return folder
    }
}
