import ArgumentParser

struct StraysCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "strays",
        abstract: "List, adopt, stop or ignore processes that no service owns.",
        discussion: """
            A stray is a process that xpmd started but no longer has on record: its database was removed, damaged or \
            replaced, or an xpmd with another state folder started it. Strays keep running until you adopt, stop or ignore them.

            EXAMPLES
              xpmctl strays
              xpmctl strays adopt 4711
              xpmctl strays stop 4711
              xpmctl strays ignore 4711
            """,
        subcommands: [
            ListStraysCommand.self, AdoptStrayCommand.self, StopStrayCommand.self, IgnoreStrayCommand.self,
        ],
        defaultSubcommand: ListStraysCommand.self)
}
