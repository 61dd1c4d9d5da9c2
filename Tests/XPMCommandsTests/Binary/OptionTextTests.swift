import Testing
import XPMProtocol

/// Help and defaults of options, as the help of every command has them.
struct OptionTextTests {
    /// Options that mean something else, or have another default, in some commands.
    private static let exceptions: Set = [
        "all",  // what there is to list, to stop or to send a signal to
        "experiment", "run", "workspace",  // of a new service; where names are looked up; a filter of lists
        "follow", "lines", "since", "until",  // lines of a log, or events
        "force",  // xpmd itself, or services
        "grace",  // in a definition, for one stop, for strays
        "name",  // of a template's service, of a stray
        "no-wait", "timeout",  // what goes on without the command
    ]

    private struct Dump: Decodable {
        var command: Command
    }

    private struct Command: Decodable {
        struct Argument: Decodable {
            struct Name: Decodable {
                var name: String
            }

            var kind: String
            var preferredName: Name?
            var abstract: String?
            var defaultValue: String?
        }

        var commandName: String
        var subcommands: [Command]?
        var arguments: [Argument]?

        /// It and all below it, but for `help`, whose option of that name is not shown.
        var all: [Command] {
            [self] + (subcommands ?? []).filter { $0.commandName != "help" }.flatMap(\.all)
        }
    }

    @Test func anOptionSaysTheSameInEveryCommandThatHasIt() async throws {
        try await Xpmctl.with({ _ in [] }) { (xpmctl: Xpmctl) async throws in
            let result = try await xpmctl.run("--experimental-dump-help")
            let commands = try Wire.decode(Dump.self, from: result.out.utf8).command.all
            #expect(commands.count > 20)
            var texts: [String: Set<String>] = [:]
            for argument in commands.flatMap({ $0.arguments ?? [] }) where argument.kind != "positional" {
                let text = "\(argument.abstract ?? "") [\(argument.defaultValue ?? "")]"
                texts[argument.preferredName?.name ?? "", default: []].insert(text)
            }
            #expect(texts["socket"]?.count == 1)
            let differing = texts.filter { $0.value.count > 1 && !Self.exceptions.contains($0.key) }
            #expect(differing.isEmpty)
        }
    }
}
