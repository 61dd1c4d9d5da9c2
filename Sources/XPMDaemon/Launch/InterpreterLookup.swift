import XPMProtocol
import XPMTemplates

/// Where a service of a Python class finds an interpreter and the package that makes it again.
struct InterpreterLookup {
    /// The interpreter of another service of the experiment, else of the workspace.
    var remembered: String?
    var settings: KnownSettings?
    /// The folder that has the package `xpmd`; nil where it is not installed.
    var package: String?

    /// The definition's own interpreter, else one that is remembered, else the configured one.
    func interpreter(of recreation: Recreation, id: String) throws(WireError) -> InterpreterReport {
        if let python = recreation.python {
            return InterpreterReport(python: python, from: recreation.pythonFrom ?? .definition)
        }
        if let remembered { return InterpreterReport(python: remembered, from: .remembered) }
        if let python = try settings?.found.get().interpreter {
            return InterpreterReport(python: python, from: .configured)
        }
        let place = settings.map { " of \($0.path)" } ?? ""
        throw WireError(
            .commandNotFound,
            "cannot start \(Name.quoted(id)): no Python interpreter is known for it; name one as `interpreter` in [python]\(place), or add the service with one",
            data: ["command": .string("python"), "fault": .string("no_interpreter")])
    }
}

/// The interpreters that definitions name, for those that name none: the one of the newest service.
struct KnownInterpreters {
    private struct Known {
        var key: Int64
        var python: String
    }

    private var byExperiment: [RunIdentity: Known] = [:]
    private var byWorkspace: [String: Known] = [:]

    /// Takes note of what a service's definition names.
    mutating func note(_ entry: ServiceEntry) {
        guard case .recreate(let recreation) = entry.definition.run, let python = recreation.python else { return }
        let known = Known(key: entry.key, python: python)
        let run = entry.identity.run
        Self.note(known, &byExperiment[run.ofAnyRun])
        Self.note(known, &byWorkspace[run.workspace])
    }

    private static func note(_ known: Known, _ place: inout Known?) {
        if (place?.key ?? .min) < known.key { place = known }
    }

    /// The interpreter of another service of the experiment, else of the workspace.
    func remembered(for run: RunIdentity) -> String? {
        (byExperiment[run.ofAnyRun] ?? byWorkspace[run.workspace])?.python
    }
}

extension RunIdentity {
    /// The experiment that it is a run of.
    fileprivate var ofAnyRun: RunIdentity { RunIdentity(workspace: workspace, experiment: experiment, run: "") }
}
