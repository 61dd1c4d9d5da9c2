import ArgumentParser
import Glibc
import XPMClient
import XPMProtocol

/// The command line of xpmd: one verb of the protocol each.
public struct Xpmctl: ParsableCommand {
    /// Name, help and verbs.
    public static let configuration = CommandConfiguration(
        commandName: "xpmctl",
        abstract: "Start, stop and inspect the helper services of your experiments.",
        discussion: """
            Services are named [EXPERIMENT[@RUN]:]SERVICE[/SUB]; without @RUN, that is the newest run. SERVICE alone is the one of \
            this folder, or of the nearest folder above it that has one. For another folder, name the experiment or use \
            --workspace; status, inspect, logs and why also find a service elsewhere if there is only one, and say so. xpmctl starts xpmd \
            if it is not running.

            Several services are handled at the same time and reported as they finish. If one fails, the others go on; the exit \
            code is that of the first name that failed. A quoted pattern matches several: 'tensor*' in this folder, 'my_experiment:*' \
            in an experiment.

            EXAMPLES
              xpmctl start tensorboard --logdir runs
              xpmctl list
              xpmctl logs -f tensorboard

            Data goes to standard output (as JSON with --output json), everything else to standard error.

            \(ExitCodes.help)
            """,
        version: ProtocolVersion.product,
        groupedSubcommands: [
            CommandGroup(
                name: "Services",
                subcommands: [
                    AddCommand.self, StartCommand.self, StopCommand.self, RestartCommand.self, SignalCommand.self,
                    RemoveCommand.self, PruneCommand.self, WaitCommand.self,
                ]),
            CommandGroup(
                name: "Inspect",
                subcommands: [
                    MonitorCommand.self, ListCommand.self, StatusCommand.self, InspectCommand.self, URLCommand.self,
                    WhyCommand.self,
                    LogsCommand.self,
                    EventsCommand.self, CheckCommand.self,
                    TemplatesCommand.self,
                ]),
            CommandGroup(
                name: "Workspaces",
                subcommands: [WatchCommand.self, UnwatchCommand.self, WorkspacesCommand.self]),
            CommandGroup(name: "Web page", subcommands: [WebCommand.self]),
            CommandGroup(name: "Daemon", subcommands: [DaemonCommand.self, StraysCommand.self, DoctorCommand.self]),
        ])

    @OptionGroup var connection: ConnectionOptions

    /// The root command, which only has subcommands.
    public init() {}

    private static func usage(of command: any ParsableCommand.Type) -> String {
        usageString(for: command)
    }

    /// Runs the command line of this process and ends it with the documented exit code.
    public static func run(_ arguments: [String] = Array(CommandLine.arguments.dropFirst())) -> Never {
        StandardDescriptors.open()
        if let misspelling = Misspelling(in: arguments) {
            for line in misspelling.lines { StandardError.line(line) }
            Glibc.exit(ExitCode.validationFailure.rawValue)
        }
        if let fault = ArgumentBytes.fault {
            StandardError.line("xpmctl: \(fault)")
            Glibc.exit(64)
        }
        let arguments = NegativeNumbers.joined(arguments)
        do {
            var command = try ShortWay.command(arguments) ?? parseAsRoot(arguments)
            do { try command.run() } catch let error as ValidationError {
                // Only what is found while it is parsed comes with the usage of its own verb.
                let usage = usage(of: type(of: command)).split(separator: "\n", omittingEmptySubsequences: false)
                StandardError.line("Error: \(error.message)")
                for line in ["Usage: \(usage.first ?? "")"] + usage.dropFirst() { StandardError.line(String(line)) }
                Glibc.exit(ExitCode.validationFailure.rawValue)
            }
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
