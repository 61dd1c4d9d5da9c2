import ArgumentParser

struct StraysCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "strays",
        abstract: "List, adopt, stop or ignore processes that no service owns.",
        discussion: """
            A stray is a process that xpmd started and has lost the record of: because its database was removed, damaged or \
            replaced, or because an xpmd with another state folder was here before. Strays keep running until you adopt, \
            stop or ignore them.

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
