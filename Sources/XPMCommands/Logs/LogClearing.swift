import XPMProtocol

/// Empties the logs of services, and says which files that concerned.
enum LogClearing {
    static func run(_ batch: Batch, _ naming: NamingOptions, _ output: OutputFormat) throws {
        try batch.ask(
            batch.members(naming.reference), { ClearServiceLogs($0) },
            lost: { member in
                // Done twice it would take lines that have come since.
                try batch.attempt(member.index) {
                    throw WireError(
                        .connectionLost,
                        "cannot tell whether the logs of \(member.service) were cleared: the connection to xpmd was lost"
                    )
                }
                return true
            }
        ) { member, reply in
            switch output {
            case .json: try StandardOutput.writeJSON(reply)
            case .table:
                let paths = reply.paths.map { Sanitizer.line(ShellWord.quoted($0)) }.joined(separator: " ")
                let name = batch.named[member.index].text
                StandardError.line("\(name): \(paths.isEmpty ? "it has no logs to clear" : "cleared \(paths)")")
            }
        }
        try batch.finish()
    }
}
