import ArgumentParser
import Glibc
import XPMClient
import XPMMonitor
import XPMProtocol

struct MonitorCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "monitor",
        abstract: "Watch and control services in the terminal.",
        discussion: """
            Shows experiments with their runs and services, live, and what runs of all of them. ? lists all keys, : finds an action \
            by name; Ctrl+S starts, Ctrl+K stops, q quits. Without a terminal, prints the list and exits.

            Keys can be changed in monitor.keys in the folder of the settings: a line for each action, as `stop = Ctrl+X`.
            """)

    @OptionGroup var connection: ConnectionOptions
    @Flag(help: "Print lines instead of drawing a screen, and take numbers: for screen readers.") var plain = false

    func run() throws {
        guard plain || isatty(STDIN_FILENO) == 1 && isatty(STDOUT_FILENO) == 1 else {
            var list = try ListCommand.parse([])
            list.connection = connection
            return try list.run()
        }
        // Starts xpmd where it does not run; whatever else is wrong is shown, and may pass.
        if !connection.noAutostart { _ = try connection.connect() }
        let program = try MonitorProgram(places: connection.places(), words: Self.words)
        if plain || ProcessEnvironment.current["TERM"] == "dumb" { return try program.runPlain() }
        guard let number = try program.run() else { return }
        signal(number, SIG_DFL)
        kill(getpid(), number)
    }

    private static var words: MonitorWords {
        MonitorWords(
            why: { reply, events in WhyPage(now: .now, style: .plain).text(reply, history: events) },
            definition: { reply in
                let restart = reply.definition.restart?.mode.map { "restart \($0.rawValue)" }
                let places = [reply.definition.folder.map { "in \($0)" }, restart, reply.service.stdout]
                return [WhyPage.command(reply.definition.run, of: reply.service)] + places.compactMap(\.self)
            },
            event: { event in
                let age = Age.text(since: event.at, now: .now)
                let why = EventLine.reasons(event).joined(separator: "; ")
                return "\(age) ago  \(EventLine.change(event, .plain))\(why.isEmpty ? "" : "  \(why)")"
            })
    }
}
