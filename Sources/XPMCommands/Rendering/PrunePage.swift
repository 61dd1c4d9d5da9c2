import XPMProtocol

/// What is removed, as people see it before and after.
struct PrunePage {
    private let found: PruneServices.Reply

    init(_ found: PruneServices.Reply) { self.found = found }

    var isEmpty: Bool { found.services.isEmpty && found.logs.isEmpty }

    /// A line each, with the size of log files.
    var text: String {
        var table = Table()
        for service in found.services {
            table.add([Table.Cell("service"), Table.Cell("-"), Table.Cell(service.name), Table.Cell(service.workspace)])
        }
        for log in found.logs {
            table.add([Table.Cell("log"), Table.Cell(Size.text(log.bytes)), Table.Cell(log.path)])
        }
        return table.text
    }

    /// `3 services and 12 log files (34 MiB)`.
    var sum: String {
        var parts: [String] = []
        if !found.services.isEmpty { parts.append(Self.counted(found.services.count, "service")) }
        if !found.logs.isEmpty {
            let bytes = found.logs.reduce(Int64(0)) { sum, log in
                sum.clampedSum(max(0, log.bytes))
            }
            parts.append("\(Self.counted(found.logs.count, "log file")) (\(Size.text(bytes)))")
        }
        return parts.isEmpty ? "nothing" : parts.joined(separator: " and ")
    }

    /// Why log files stay.
    var note: String { found.logsKept.map { "; other logs are kept: \(Sanitizer.line($0))" } ?? "" }

    static func counted(_ number: Int, _ noun: String) -> String {
        "\(number) \(noun)\(number == 1 ? "" : "s")"
    }
}
