import XPMClient
import XPMProtocol

/// The runs of all experiments: those of one stand together, the newest first, and the experiment of the newest run first.
struct RunTable: Sendable {
    private(set) var rows: [RunIdentity] = []
    private var known: Set<RunIdentity> = []
    var cursor = Cursor<RunIdentity>()
    private var isStale = true
    private(set) var text = ""

    /// Takes in what may have added or removed a run.
    mutating func note(_ change: MirrorChange, _ model: MirrorModel) {
        switch change {
        case .runAdded, .runRemoved: isStale = true
        case .serviceAdded(let service): if !known.contains(service.identity.run) { isStale = true }
        case .serviceRemoved(let identity): if model.run(identity.run) == nil { isStale = true }
        case .runChanged, .serviceChanged, .connectionChanged: break
        }
    }

    /// Brings the list up to date, where it is not.
    mutating func refresh(_ model: MirrorModel) {
        guard isStale else { return }
        isStale = false
        let all = model.experiments.flatMap { model.runs(of: $0.identity) }.map(\.identity)
        let before = rows
        known = Set(all)
        rows =
            text.isEmpty ? all : all.filter { FuzzyFilter.matches(text, "\($0.experiment)@\($0.run) \($0.workspace)") }
        if let selected = cursor.selected, !rows.contains(selected) {
            cursor.lose(at: before.firstIndex(of: selected) ?? 0)
        }
    }

    mutating func filter(_ text: String, _ model: MirrorModel) {
        (self.text, isStale) = (text, true)
        refresh(model)
        selectFirst()
    }

    var selectedIndex: Int? { cursor.selected.flatMap { rows.firstIndex(of: $0) } }

    mutating func move(_ move: Move, page: Int) {
        if let target = cursor.target(of: move, from: selectedIndex, count: rows.count, page: page) {
            cursor.select(rows[target])
        }
    }

    mutating func selectFirst() { if cursor.selected == nil, let first = rows.first { cursor.select(first) } }
}
