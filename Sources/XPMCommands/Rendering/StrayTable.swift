import XPMProtocol

/// Strays, a line each, with what people need to decide: what it is, where, since when, and where its output goes.
enum StrayTable {
    static func text(_ strays: [StrayRecord], now: Timestamp, style: Style) -> String {
        var table = Table(["PID", "AGE", "STARTED AS", "FOLDER", "LOG", "COMMAND"], style: style)
        for stray in strays {
            table.add([
                Table.Cell(pids(stray)), Table.Cell(stray.since.map { Age.text(since: $0, now: now) } ?? ""),
                Table.Cell(stray.service?.fullName ?? ""), Table.Cell(stray.folder ?? ""),
                Table.Cell(stray.stdout ?? stray.stderr ?? ""), Table.Cell(command(stray)),
            ])
        }
        return table.text
    }

    /// `process 4711 (my_experiment@default:tensorboard)`.
    static func name(_ stray: StrayRecord) -> String {
        let service = stray.service.map { " (\($0.fullName))" } ?? ""
        return "process \(pids(stray))\(service)"
    }

    /// What a list or the end of the daemon says of them.
    static func hint(_ count: Int?) -> String? {
        guard let count, count > 0 else { return nil }
        return "\(self.count(count)): see `xpmctl strays`"
    }

    static func count(_ count: Int) -> String { count == 1 ? "1 stray" : "\(count) strays" }

    private static func pids(_ stray: StrayRecord) -> String {
        stray.pid.map(String.init) ?? stray.processes.map { $0.map(String.init).joined(separator: ",") } ?? ""
    }

    private static func command(_ stray: StrayRecord) -> String {
        let words = (stray.command ?? []).map(ShellWord.quoted).joined(separator: " ")
        let notes = [
            stray.pid == nil ? "leftover of a main process that has ended" : nil,
            stray.cause,
            stray.stopping == true ? "stopping" : nil,
            stray.ignored == true ? "ignored" : nil,
        ].compactMap(\.self)
        return notes.isEmpty ? words : "\(words) (\(notes.joined(separator: ", ")))"
    }
}
