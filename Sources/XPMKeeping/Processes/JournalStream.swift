/// The lines with which a stream of the journal begins (sd_journal_stream_fd(3)): identifier, unit, priority of lines that
/// name none, whether lines may name one as `<3>`, and three places to which nothing is forwarded.
enum JournalStream {
    static func header(_ identifier: String, isError: Bool) -> String {
        let line = String(String.UnicodeScalarView(identifier.unicodeScalars.filter { $0.value >= 0x20 }))
        return "\(line)\n\n\(isError ? 4 : 6)\n1\n0\n0\n0\n"
    }
}
