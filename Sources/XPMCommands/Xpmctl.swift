import ArgumentParser
import Glibc
import XPMProtocol

/// The command line of xpmd: one verb of the protocol each.
public struct Xpmctl: ParsableCommand {
    /// Name, help and verbs.
    public static let configuration = CommandConfiguration(
        commandName: "xpmctl",
        abstract: "Start, stop and look at the helper services of your experiments.",
        discussion: """
            Services are named [EXPERIMENT[@RUN]:]SERVICE[/SUB]; any unambiguous shorter form will do, and the newest run is \
            meant where none is named. xpmd itself is started where it does not run yet.

            EXAMPLES
              xpmctl start tensorboard --logdir runs
              xpmctl list
              xpmctl logs -f tensorboard

            DATA goes to standard output (--output json prints what xpmd sent), everything else to standard error.

            \(ExitCodes.help)
            """,
        version: ProtocolVersion.product,
        groupedSubcommands: [
            CommandGroup(
                name: "Services",
                subcommands: [
                    AddCommand.self, StartCommand.self, StopCommand.self, RestartCommand.self, RemoveCommand.self,
                    WaitCommand.self,
                ]),
            CommandGroup(
                name: "Looking",
                subcommands: [
                    ListCommand.self, StatusCommand.self, URLCommand.self, WhyCommand.self, LogsCommand.self,
                    EventsCommand.self,
                    TemplatesCommand.self,
                ]),
            CommandGroup(
                name: "Workspaces",
                subcommands: [WatchCommand.self, UnwatchCommand.self, WorkspacesCommand.self]),
            CommandGroup(name: "The supervisor", subcommands: [DaemonCommand.self]),
        ])

    @OptionGroup var connection: ConnectionOptions

    /// The root command, which only has subcommands.
    public init() {}

    /// Runs the command line of this process and ends it with the documented exit code.
    public static func run(_ arguments: [String] = Array(CommandLine.arguments.dropFirst())) -> Never {
        if let misspelling = Misspelling(in: arguments) {
            StandardError.line(misspelling.message)
            Glibc.exit(ExitCode.validationFailure.rawValue)
        }
        do {
            var command = try ShortWay.command(arguments) ?? parseAsRoot(arguments)
            try command.run()
            Glibc.exit(EXIT_SUCCESS)
        } catch let error as WireError {
            Failure.report(error)
            Glibc.exit(error.code.exitCode)
        } catch {
            if let script = CompletionScript.mended(error) {
                print(script)
                Glibc.exit(EXIT_SUCCESS)
            }
            exit(withError: error)
        }
    }
}
