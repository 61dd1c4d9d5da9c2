import CLinux
import Glibc
import XPMClient
import XPMProtocol

/// The program `xpm-web`: from its arguments to an exit code.
public enum WebProgram {
    /// Serves until SIGTERM; the exit code is that of sysexits.h where it cannot.
    public static func run(arguments: [String]) -> Int32 {
        xpm_open_standard()
        let options: WebArguments
        do throws(WebArguments.Fault) {
            options = try WebArguments(Array(arguments.dropFirst()))
        } catch {
            say("xpm-web: \(error.text)\n\n\(WebArguments.usage)")
            return EX_USAGE
        }
        switch options.request {
        case .help: return print(WebArguments.usage)
        case .version: return print("xpm-web \(ProtocolVersion.product)\n")
        case .serve: break
        }
        prepareProcess()
        do throws(WireError) {
            let places = try Places.ofThisProcess()
            return try serve(options, places)
        } catch {
            say("xpm-web: \(error.message)\n")
            // What people read where they ask for the page.
            ServiceManager.tell(["X_XPM_ERROR=\(error.message)"])
            return error.code == .untrusted ? EX_NOPERM : EX_UNAVAILABLE
        }
    }

    private static func serve(_ options: WebArguments, _ places: Places) throws(WireError) -> Int32 {
        let state = try places.stateFolder
        let folder = WebFolder("", in: state)
        mkdir(state, 0o700)
        try folder.make()
        let server: WebServer
        do {
            guard try InstanceLock.take(in: folder.path) else {
                throw WireError(.conflict, "cannot start: another xpm-web runs for \(Name.quoted(state))")
            }
            server = try WebServer(places)
        } catch {
            throw error as? WireError ?? WireError(.unreachable, "cannot start: \(error)")
        }
        try server.open(options, state: state, folder: folder)
        server.run { [address = server.address] in
            // By this xpmd knows the port, whichever it became.
            let url = address.hasPrefix("http") ? ["X_XPM_URL=\(address)/"] : []
            ServiceManager.tell(url + ["READY=1", "STATUS=serving \(address)"])
            say("xpm-web \(ProtocolVersion.product) serves \(address)\n")
        }
        ServiceManager.tell(["STOPPING=1"])
        return 0
    }

    private static func prepareProcess() {
        umask(0o077)
        signal(SIGPIPE, SIG_IGN)
        signal(SIGHUP, SIG_IGN)
        // Threads share one heap: each of their own would be memory for nothing.
        mallopt(M_ARENA_MAX, 1)
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
        limit.rlim_cur = limit.rlim_max
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }

    private static func print(_ text: String) -> Int32 {
        write(text, to: STDOUT_FILENO)
        return 0
    }

    /// To whoever reads the log.
    static func say(_ text: String) { write(text, to: STDERR_FILENO) }

    private static func write(_ text: String, to descriptor: Int32) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            guard count > 0 || errno == EINTR else { return }
            rest = rest.dropFirst(max(0, count))
        }
    }
}
