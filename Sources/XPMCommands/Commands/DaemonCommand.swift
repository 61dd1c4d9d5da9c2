import ArgumentParser

struct DaemonCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "daemon",
        abstract: "Start, stop and inspect xpmd itself.",
        subcommands: [
            DaemonStartCommand.self, DaemonStatusCommand.self, DaemonReexecCommand.self, DaemonStopCommand.self,
        ])
}
