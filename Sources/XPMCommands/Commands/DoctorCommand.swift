import ArgumentParser
import XPMProtocol

struct DoctorCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Check what xpmd rests on, and say what to do.",
        discussion: """
            Looks at the programs, xpmd and its keeper, the runtime folder, logins, control groups, namespaces, limits of the kernel, the \
            web page, names below localhost and Python. Each line is `ok`, a `note` about what only some need, or a `fault`; \
            behind it is what to do. Does not start xpmd, and changes nothing. Exit code 1 means that there is a fault.

            EXAMPLE
              xpmctl doctor
            """)

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        let findings = Examination(connection: connection).findings()
        switch output.output {
        case .json: try StandardOutput.writeJSON(findings)
        case .table:
            let style = Style.forTerminal(StandardOutput.isTerminal)
            try StandardOutput.write(FindingTable.text(findings, style: style))
        }
        if findings.contains(where: { $0.verdict == .fault }) { throw ExitCode(1) }
    }
}
