import XPMProtocol

/// How to read a log that is in the journal. Clients do it themselves: what the user may see there is not xpmd's to decide.
struct JournalQuery {
    private let name: String
    private let user: UInt32

    /// `name` is the service's full name, the identifier of its lines; of those of other users nothing is wanted.
    init(_ name: String, user: UInt32) { (self.name, self.user) = (name, user) }

    var arguments: [String] { ["journalctl", "-t", name, "_UID=\(user)"] }

    /// The same for a shell.
    var command: String {
        let quoted = name.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''")
        return "journalctl -t '\(quoted)' _UID=\(user)"
    }

    /// The answer to whoever asks xpmd for the log.
    var refusal: WireError {
        WireError(
            .unsupported, "cannot read the log of \(name): it is in the journal; see \(command)",
            data: ["command": .string(command), "arguments": .array(arguments.map(JSONValue.string))])
    }
}
