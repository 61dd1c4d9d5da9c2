import ArgumentParser
import XPMClient
import XPMProtocol

struct LogsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "logs",
        abstract: "Print the log of a service, and with -f what is appended.",
        discussion: """
            Standard output comes first, then standard error; with -f as they are written. On a terminal control characters \
            are made visible, colours stay; elsewhere the log is passed on as it is.

            EXAMPLES
              xpmctl logs tensorboard -n 20
              xpmctl logs -f my_experiment:tensorboard --stderr
            """)

    @OptionGroup var connection: ConnectionOptions
    @Flag(name: .shortAndLong, help: "Go on with what is appended.") var follow = false
    @Option(name: [.customShort("n"), .long], help: "How many lines to begin with, of each of the two.") var lines = 100
    @Flag(help: "Only standard output.") var stdout = false
    @Flag(help: "Only standard error.") var stderr = false
    @Argument(help: "The service.", completion: ServiceNames.completion) var name: String

    func validate() throws {
        if lines < 0 { throw ValidationError("-n takes a number of lines from 0 on") }
    }

    func run() throws {
        let streams: [ServiceLogs.Stream] = stdout == stderr ? [.stdout, .stderr] : stdout ? [.stdout] : [.stderr]
        let first = try connection.connect()
        // Asked once, so that both streams are of the same service whatever is added meanwhile.
        let service = try first.call(GetService(try connection.reference(name))).service.identity
        if follow {
            let connection = connection
            let follower = LogFollower(service: service, lines: lines, isInterleaved: streams.count > 1) {
                () throws(WireError) in
                try connection.connect(autostart: false)
            }
            try follower.run(streams)
        } else {
            for stream in streams {
                let log = try first.call(ServiceLogs(ServiceReference(service), stream: stream, lines: lines))
                try LogOutput().write(log.text)
            }
        }
    }
}
