import XPMProtocol

/// The exit codes for `--help`, taken from the error table. The manual page is made from the help; a test holds README's table to it.
enum ExitCodes {
    /// Of `url`: the service runs, but there is no URL to print.
    static let noURL: Int32 = 11
    /// Of `check`: a browser could not use the page as it is.
    static let checkFailed: Int32 = 12

    /// What each code means, in a sentence's part.
    static let meanings: [(code: Int32, meaning: String)] = [
        (0, "success"),
        (1, "any other failure"),
        (ErrorCode.notFound.exitCode, "no such service, experiment or template"),
        (ErrorCode.ambiguous.exitCode, "the name fits several services"),
        (ErrorCode.startFailed.exitCode, "the service did not start"),
        (ErrorCode.timedOut.exitCode, "timed out"),
        (ErrorCode.unreachable.exitCode, "xpmd cannot be reached"),
        (ErrorCode.conflict.exitCode, "the service's state does not allow it, or changed meanwhile"),
        (ErrorCode.storageFull.exitCode, "xpmd cannot save changes, has no keeper, or has too much to do at once"),
        (ErrorCode.invalidName.exitCode, "a name, value or template is not valid"),
        (noURL, "the service has no URL"),
        (checkFailed, "a check found a fault"),
        (64, "the command line is not valid"),
        (130, "interrupted by Ctrl-C"),
    ]

    static var help: String {
        "EXIT CODES\n"
            + meanings.map { "  \($0.code)\(String(repeating: " ", count: 5 - "\($0.code)".count))\($0.meaning)" }
            .joined(separator: "\n")
    }
}
