import XPMProtocol

/// The exit codes for `--help`, taken from the error table.
enum ExitCodes {
    /// What each code means, in a sentence's part.
    static let meanings: [(code: Int32, meaning: String)] = [
        (0, "success"),
        (1, "any other failure"),
        (ErrorCode.notFound.exitCode, "no such service or template"),
        (ErrorCode.ambiguous.exitCode, "the name fits several services"),
        (ErrorCode.startFailed.exitCode, "the service could not be started"),
        (ErrorCode.timedOut.exitCode, "the time ran out"),
        (ErrorCode.unreachable.exitCode, "xpmd cannot be reached or went away"),
        (ErrorCode.conflict.exitCode, "the service's state does not allow it"),
        (ErrorCode.storageFull.exitCode, "xpmd cannot save or run anything just now"),
        (ErrorCode.invalidName.exitCode, "a name, parameter or template is not valid"),
        (64, "the command line cannot be read"),
        (130, "interrupted by Ctrl-C"),
    ]

    static var help: String {
        "EXIT CODES\n"
            + meanings.map { "  \($0.code)\(String(repeating: " ", count: 5 - "\($0.code)".count))\($0.meaning)" }
            .joined(separator: "\n")
    }
}
