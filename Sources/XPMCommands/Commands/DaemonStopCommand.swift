import ArgumentParser
import XPMClient
import XPMProtocol

struct DaemonStopCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stop",
        abstract: "Stop all services, then xpmd.",
        discussion: """
            With --keep-services, services keep running and the next xpmd takes them over.

            EXAMPLES
              xpmctl daemon stop
              xpmctl daemon stop --keep-services
              xpmctl daemon stop --force
            """)

    @OptionGroup var connection: ConnectionOptions
    @Flag(help: "Keep services running.") var keepServices = false
    @Flag(help: "Send SIGKILL to all services at once, even if xpmd is already stopping.") var force = false
    @Option(
        help: ArgumentHelp("Stop waiting after this time; xpmd keeps stopping.", valueName: "span"),
        transform: { try Span.seconds($0) })
    var timeout: Double?

    func validate() throws {
        if force, keepServices { throw ValidationError("--force cannot be used with --keep-services") }
    }

    func run() throws {
        let connection = try connection.connect(autostart: false)
        let daemon = ProcessWatch(pid: connection.hello.pid)
        let reply = try connection.call(
            StopDaemon(keepServices: keepServices ? true : nil, force: force ? true : nil))
        let stopping = reply.stopping
        Interruption.say("xpmctl: xpmd is still stopping; `xpmctl daemon stop --force` ends its services now")
        Readers.watch([StandardOutput.descriptor, StandardError.descriptor])
        var line = ProgressLine()
        defer { line.clear() }
        let began = ContinuousClock.now
        // The end of the connection is the end of the daemon; the line on a terminal tells the time until then.
        while true {
            let waited = began.duration(to: .now)
            let left = timeout.map { Duration.seconds($0) - waited }
            let slice = line.isShown ? min(.milliseconds(200), left ?? .seconds(1)) : left
            if connection.waitForEnd(timeout: slice) { break }
            if let left, left <= .zero {
                throw WireError(
                    .timedOut, "timed out waiting for xpmd to stop \(Self.services(stopping)); it is still stopping")
            }
            line.show("stopping xpmd and \(Self.services(stopping)) (\(Age.text(seconds: waited.components.seconds)))")
        }
        // The process itself is gone an instant later; who asks for it then shall not find it.
        daemon.waitForEnd(limit: .seconds(5))
        line.clear()
        StandardError.line(
            "xpmd stopped\(keepServices ? "; services keep running" : stopping == 0 ? "" : ", with \(Self.services(stopping))")"
        )
        if let strays = reply.strays, strays > 0 {
            StandardError.line("\(StrayTable.count(strays)) kept running: `xpmctl strays` shows them")
        }
    }

    private static func services(_ count: Int) -> String { count == 1 ? "1 service" : "\(count) services" }
}
