import XPMProtocol

/// Watched workspaces, a line each.
enum WorkspaceTable {
    static func text(_ workspaces: [WorkspaceRecord], now: Timestamp, style: Style, limit: Int? = nil) -> String {
        var table = Table(["WORKSPACE", "STATE", "SINCE", "RUNS", "SERVICES", "ERROR"], style: style, limit: limit)
        for workspace in workspaces {
            table.add([
                Table.Cell(workspace.workspace), Table.Cell(workspace.state.rawValue),
                Table.Cell(Age.text(since: workspace.watchedSince, now: now)), Table.Cell(String(workspace.runs)),
                Table.Cell(String(workspace.services)), Table.Cell(workspace.error ?? ""),
            ])
        }
        return table.text
    }

    /// One of them as a sentence.
    static func sentence(_ workspace: WorkspaceRecord) -> String {
        let runs = workspace.runs == 1 ? "1 run" : "\(workspace.runs) runs"
        let services = workspace.services == 1 ? "1 service" : "\(workspace.services) services"
        let error = workspace.error.map { "; \($0)" } ?? ""
        return "\(workspace.workspace): \(workspace.state.rawValue), \(runs), \(services)\(error)"
    }
}
