import ArgumentParser
import Glibc
import XPMDaemon
import XPMProtocol

struct Xpmd: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "xpmd",
        abstract: "Supervises the helper services of experiments: starts, monitors and stops them.",
        discussion: """
            One xpmd runs for each user. You need not start it: xpmctl starts it when needed, or systemd does through the user \
            units xpmd.socket and xpmd.service. SIGTERM stops xpmd and keeps the services running; \
            `xpmctl daemon stop` stops the services too. See xpmd(1).
            """,
        version: ProtocolVersion.product)

    @Option(help: ArgumentHelp("Write `ready` or `error: …` to this descriptor after startup.", valueName: "fd"))
    var readyFd: Int32?

    @Flag(help: "Log more details.")
    var verbose = false

    // How one xpmd starts the next in its place; nobody else has such descriptors.
    @Option(help: .hidden) var listenFd: Int32?
    @Option(help: .hidden) var lockFd: Int32?
    @Flag(help: .hidden) var systemdsSocket = false
    @Flag(help: .hidden) var successorVersion = false

    func run() throws {
        if successorVersion { return print(ProtocolVersion.product) }
        let handover = listenFd.flatMap { listener in
            lockFd.map { Handover(listener: listener, lock: $0, isSystemdsSocket: systemdsSocket) }
        }
        let code = DaemonProgram(readyDescriptor: readyFd, isVerbose: verbose, handover: handover).run()
        if code != 0 { throw ExitCode(code) }
    }
}

Xpmd.main()
