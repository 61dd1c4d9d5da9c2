import XPMProtocol

/// The experiment that services added by hand belong to: named after its workspace folder, with one run.
enum ImplicitExperiment {
    static let run = "default"

    static func request(workspace: String, experiment: String? = nil, run: String? = nil) -> OpenExperiment {
        OpenExperiment(workspace: workspace, experiment: experiment ?? name(for: workspace), run: run ?? Self.run)
    }

    /// The folder's own name, with what no name may have replaced.
    static func name(for workspace: String) -> String {
        let base = workspace.split(separator: "/").last.map(String.init) ?? ""
        var name = String.UnicodeScalarView()
        for scalar in base.unicodeScalars {
            let refused = ForeignText.isControl(scalar) || "/@:".unicodeScalars.contains(scalar)
            let next: Unicode.Scalar = refused ? "_" : scalar
            // Cut between characters, never inside one.
            guard String(name).utf8.count + String(next).utf8.count <= Name.limit else { break }
            name.append(next)
        }
        let trimmed = name.drop { $0.properties.isWhitespace }.reversed().drop { $0.properties.isWhitespace }.reversed()
        return trimmed.isEmpty ? "workspace" : String(String.UnicodeScalarView(trimmed))
    }
}
