import XPMProtocol

/// What the doctor has found, a line each.
enum FindingTable {
    static func text(_ findings: [Finding], style: Style) -> String {
        var table = Table()
        for finding in findings {
            let text = [finding.text, finding.remedy].compactMap(\.self).joined(separator: " -> ")
            table.add([
                Table.Cell(finding.verdict.rawValue) { style.paint($0, as: state(finding.verdict)) },
                Table.Cell(finding.check),
                Table.Cell(text),
            ])
        }
        return table.text
    }

    /// The state that has its colour.
    private static func state(_ verdict: Finding.Verdict) -> ServiceState {
        switch verdict {
        case .ok: .running
        case .note: .starting
        case .fault: .error
        }
    }
}
