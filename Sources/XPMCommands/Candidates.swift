import XPMProtocol

/// The services that an ambiguous name may mean, as the daemon sent them with its refusal.
struct Candidates {
    private struct Candidate {
        var name: String
        var workspace: String?
    }

    private let candidates: [Candidate]

    init(_ error: WireError) {
        guard case .array(let values)? = error.data["candidates"] else {
            candidates = []
            return
        }
        candidates = values.map { value in
            // A full name, or an object that has one.
            guard case .object(let parts) = value else { return Candidate(name: value.text ?? "?") }
            return Candidate(
                name: parts["name"]?.text ?? parts["id"]?.text ?? "?", workspace: parts["workspace"]?.text)
        }
    }

    /// Whether two have the same full name, in different workspaces.
    var areToldApartByWorkspace: Bool { Set(candidates.map(\.name)).count < candidates.count }

    /// How the first is named in a command: by its full name, or where another one has that too, by its folder.
    var typed: String? {
        guard let first = candidates.first else { return nil }
        let name = ShellWord.quoted(first.name)
        guard candidates.count(where: { $0.name == first.name }) > 1, let workspace = first.workspace else {
            return name
        }
        return "\(name) --workspace \(ShellWord.quoted(workspace))"
    }

    /// A line for each.
    var lines: [String] {
        candidates.map { candidate in
            let place = areToldApartByWorkspace ? candidate.workspace.map { " in \($0)" } : nil
            return candidate.name + (place ?? "")
        }
    }
}
