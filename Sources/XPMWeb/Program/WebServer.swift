import CLinux
import Glibc
import XPMClient
import XPMProtocol

/// All parts of a running xpm-web, put together.
final class WebServer {
    private let loop: EventLoop
    private let places: Places
    private let live = LiveModel()
    private let mirror: ServiceMirror
    private let link: DaemonLink
    private var requests = 0
    private var engine: Engine?
    private var gateway: Gateway?
    private var socketPath: String?
    /// Where it serves, for people.
    private(set) var address = ""

    init(_ places: Places) throws {
        self.places = places
        loop = try EventLoop()
        // Before there is another thread, which would get them.
        try Self.end(loop, with: [SIGTERM, SIGINT])
        mirror = try ServiceMirror(places: places, name: "xpm-web \(ProtocolVersion.product)")
        link = DaemonLink(places, loop: loop)
        try live.follow(mirror, loop: loop)
    }

    /// Listens, and knows who may come in.
    func open(_ options: WebArguments, state: String, folder: WebFolder) throws(WireError) {
        let engine = Engine(on: loop) { [weak self] exchange in
            self?.requests += 1
            self?.gateway?.handle(exchange)
        }
        self.engine = engine
        var port: UInt16?
        if options.listen == "localhost" {
            let choice = WebPort(folder: folder, asked: options.port)
            do throws(WebPort.Fault) {
                port = try choice.listen(engine)
            } catch {
                throw Self.refusal(error, state: state)
            }
            if let port { try choice.keep(port) }
        } else {
            do throws(SystemError) { _ = try engine.listen(at: .unix(path: options.listen)) } catch {
                throw WireError(.unreachable, "\(error)", data: ["path": .string(options.listen)])
            }
            socketPath = options.listen
        }
        let settings = GatewaySettings(
            hosts: OriginName.Hosts(port: port, others: options.hosts), pathMode: options.pathMode)
        address = socketPath ?? settings.url(of: nil)
        gateway = Gateway(
            settings, access: try Access(stateFolder: state, port: port), live: live, daemon: link,
            api: makeAPI(settings), reports: ActivityReports(on: loop, to: link))
    }

    private func makeAPI(_ settings: GatewaySettings) -> API {
        let facts = SessionFacts(
            user: ProcessEnvironment.current["USER"] ?? "user \(getuid())", port: Int(settings.hosts.port ?? 0),
            pathMode: settings.pathMode)
        return API(
            .init(loop: loop, daemon: link, link: link, live: live, facts: facts) { [weak self] in
                self.map { WebTraffic(openConnections: $0.engine?.clientCount ?? 0, requests: $0.requests) }
            })
    }

    /// Serves until a signal ends it. `ready` is called once the services are known, or xpmd cannot be reached.
    func run(ready: @escaping () -> Void) {
        var observer: Int?
        observer = live.observe { [live] changes in
            guard changes.contains(where: { if case .connectionChanged = $0 { true } else { false } }) else { return }
            if let observer { live.unobserve(observer) }
            ready()
        }
        loop.run()
        engine?.close()
        mirror.close()
        if let socketPath { unlink(socketPath) }
    }

    /// Cookies have no port to themselves: whoever has ours now may have been sent them, so that none counts any more.
    private static func refusal(_ fault: WebPort.Fault, state: String) -> WireError {
        switch fault {
        case .system(let error): return WireError(.unreachable, "\(error)")
        case .held(let port, let holder):
            if let sessions = try? Sessions(folder: WebFolder("sessions", in: state)) { sessions.endAll() }
            return WireError(
                .conflict,
                "cannot listen on port \(port): \(holder?.description ?? "another process has it"); "
                    + "end it, or set another `port` in [web] of config.toml. All browsers are signed out",
                data: ["port": .integer(Int64(port))])
        }
    }

    private static func end(_ loop: EventLoop, with signals: [Int32]) throws(SystemError) {
        var mask = sigset_t()
        sigemptyset(&mask)
        for number in signals { sigaddset(&mask, number) }
        // All others get through, whatever mask was inherited.
        guard sigprocmask(SIG_SETMASK, &mask, nil) == 0 else { throw SystemError("block signals") }
        let descriptor = signalfd(-1, &mask, Int32(SFD_CLOEXEC) | Int32(SFD_NONBLOCK))
        guard descriptor >= 0 else { throw SystemError("create a signalfd") }
        try loop.register(descriptor, for: .readable) { [unowned loop] _ in loop.stop() }
    }
}
