import ArgumentParser
import XPMClient
import XPMProtocol

struct URLCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "url",
        abstract: "Print the URL of a service that runs.",
        discussion: """
            EXAMPLE
              xdg-open "$(xpmctl url tensorboard)"
            """)

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var naming: NamingOptions
    @Argument(help: "The service.", completion: ServiceNames.completion) var name: String

    func run() throws {
        let connection = try connection.connect()
        let service = try connection.call(GetService(try naming.reference(name, on: connection))).service
        let shown = service.identity.fullName
        guard service.state == .running else {
            StandardError.line("xpmctl: cannot give a URL of \(shown): it is \(service.state.rawValue)")
            let typed = service.identity.typedName
            let advice =
                switch service.state {
                case .stopped: "`xpmctl start \(typed)` starts it and prints its URL"
                case .starting: "`xpmctl wait \(typed)` waits until it runs"
                case .stopping: "`xpmctl start \(typed)` starts it again once it has stopped"
                case .error, .running: "`xpmctl why \(typed)` tells what happened"
                }
            StandardError.line("hint: \(advice)")
            throw ExitCode(ErrorCode.conflict.exitCode)
        }
        guard let url = service.url else {
            StandardError.line("xpmctl: cannot give a URL of \(shown): it runs, but has none")
            StandardError.line("hint: a readiness pattern with a group named url, or --ready-url, gives it one")
            throw ExitCode(ErrorCode.notFound.exitCode)
        }
        try StandardOutput.write(Sanitizer.line(url) + "\n")
    }
}
