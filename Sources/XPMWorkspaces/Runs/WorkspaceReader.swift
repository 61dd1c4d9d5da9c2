import Glibc
import XPMProtocol

/// A workspace of experimaestro as it is on the disk. It is read and never written to.
final class WorkspaceReader {
    /// What is known of an experiment.
    private struct Experiment {
        var runs: [String: RunReading] = [:]
        var begun = BegunRun()
        /// Why its folder cannot be read, if it cannot.
        var fault: FileFault?
        var isUnreadable: Bool { fault != nil }
    }

    /// The folder, without symbolic links.
    let root: String
    /// Whether other machines may write to it.
    let isRemote: Bool
    private var experiments: [String: Experiment] = [:]
    private var refused: [String: Omission] = [:]
    private let activity: Activity
    /// Told of what was found, some runs at a time.
    private let tell: (WorkspaceNews) -> Void
    private var found: [FoundRun] = []
    private static let batch = 256

    init(
        root: String, isRemote: Bool, activity: Activity = Activity {}, tell: @escaping (WorkspaceNews) -> Void
    ) {
        self.root = root
        self.activity = activity
        self.isRemote = isRemote
        self.tell = tell
    }

    /// Whether a folder is a workspace.
    static func isWorkspace(_ root: String) -> Bool {
        access(root + "/.__experimaestro__", F_OK) == 0 || access(root + "/experiments", F_OK) == 0
    }

    /// The experiments that are known.
    var names: [String] { Array(experiments.keys) }

    func knows(_ experiment: String) -> Bool { experiments[experiment] != nil }

    /// The runs that go on, by experiment.
    func openRuns(of experiment: String) -> [String] {
        (experiments[experiment]?.runs ?? [:]).filter(\.value.isOpen).map(\.key)
    }

    /// The runs of which more is to be expected, by experiment: those that go on, and those that have no status.json yet.
    func growingRuns(of experiment: String) -> [String] {
        (experiments[experiment]?.runs ?? [:]).filter(\.value.isGrowing).map(\.key)
    }

    /// Whether a status.json of the experiment is just being written.
    func isTorn(_ experiment: String) -> Bool {
        experiments[experiment]?.runs.values.contains(where: \.isTorn) ?? false
    }

    /// Whether something of the experiment could not be read, so that it is not known whether it is there.
    func isUnreadable(_ experiment: String) -> Bool {
        experiments[experiment].map { $0.isUnreadable || $0.runs.values.contains(where: \.isUnreadable) } ?? false
    }

    /// What is left out, in a sentence.
    var complaint: String? {
        let all =
            refused.values.map(\.reason)
            + experiments.values.flatMap { $0.runs.values.flatMap { $0.omissions.map(\.reason) } }
            + experiments.compactMap { name, experiment in
                experiment.fault.map { "cannot read \(root)/experiments/\(name): \($0.reason)" }
            }
        guard let first = all.min() else { return nil }
        return all.count == 1 ? first : "\(first); and \(all.count - 1) more"
    }

    /// Reads all of it; `willRead` is called before an experiment's folder is looked into. Returns whether it could be read.
    @discardableResult
    func readAll(willRead: (String) -> Void) -> Bool {
        guard let names = listExperiments() else { return false }
        for name in experiments.keys where !names.contains(name) { forget(name) }
        let live = liveEvents()
        var locks = LockOwner.table()
        for name in names.sorted() {
            willRead(name)
            read(name, live, &locks, isThorough: true)
        }
        flush()
        tell(
            .complete(
                Set(
                    experiments.flatMap { name, experiment in
                        experiment.runs.keys.map { RunName(experiment: name, run: $0) }
                    }), unread: Set(experiments.filter(\.value.isUnreadable).keys)))
        return true
    }

    /// Reads what has changed of some experiments; runs that were over before are taken to be as they were.
    func read(_ names: Set<String>) {
        let live = liveEvents()
        var locks = LockOwner.table()
        for name in names.sorted() { read(name, live, &locks, isThorough: false) }
        flush()
    }

    private func liveEvents() -> LiveEvents {
        activity.at(root + "/.events/experiments")
        return LiveEvents(root)
    }

    /// The experiments that are there now; nil where that cannot be told.
    func listExperiments() -> Set<String>? {
        activity.at(root + "/experiments")
        let folder: Folder
        do throws(FileFault) {
            folder = try Folder(root + "/experiments")
        } catch {
            // Without the folder there are none; one that cannot be read says nothing.
            return error.code == ENOENT && access(root, X_OK) == 0 ? [] : nil
        }
        guard let listing = try? folder.listing() else { return nil }
        let entries = listing.entries
        var names: Set<String> = []
        refused = refused.filter { $0.key.contains("/") }
        for name in listing.foreign { refuse("the experiment", name, key: name) }
        let linked = linkedFolders(entries, in: folder)
        for entry in entries where entry.kind == .folder || linked.contains(entry.name) {
            if isFine(entry.name, "an experiment", key: entry.name) { names.insert(entry.name) }
        }
        return names
    }

    /// The links to folders that are elsewhere, on another disk say; one to an experiment beside it is another name of that.
    private func linkedFolders(_ entries: [Folder.Entry], in folder: Folder) -> Set<String> {
        struct Identity: Hashable {
            var device: dev_t
            var number: ino_t
        }
        func identity(_ entry: Folder.Entry) -> Identity? {
            activity.at("\(root)/experiments/\(entry.name)")
            guard let status = folder.status(of: entry.name, follow: true), status.st_mode & S_IFMT == S_IFDIR else {
                return nil
            }
            return Identity(device: status.st_dev, number: status.st_ino)
        }
        let links = entries.filter { $0.kind == .link }
        if links.isEmpty { return [] }
        var known = Set(entries.filter { $0.kind == .folder }.compactMap(identity))
        return Set(
            links.sorted { $0.name < $1.name }
                .filter { identity($0).map { known.insert($0).inserted } ?? false }.map(\.name))
    }

    /// Forgets an experiment that has gone, and tells so.
    func forget(_ name: String) {
        guard let experiment = experiments.removeValue(forKey: name) else { return }
        refused = refused.filter { !$0.key.hasPrefix(name + "/") }
        tell(.gone(experiment.runs.keys.map { RunName(experiment: name, run: $0) }))
    }

    /// Forgets what is known of a run, which will be read as a new one.
    func forget(_ run: RunName) { experiments[run.experiment]?.runs[run.run] = nil }

    /// What has no name that could be told.
    private func refuse(_ thing: String, _ shown: String, key: String) {
        refused[key] = Omission("cannot list \(thing) '\(shown)': its name is not UTF-8")
    }

    private func isFine(_ name: String, _ thing: String, key: String) -> Bool {
        do throws(WireError) {
            try Name.validate(name, of: thing)
            return true
        } catch {
            refused[key] = Omission(error.message)
            return false
        }
    }

    private func read(_ name: String, _ live: LiveEvents, _ locks: inout LockTable, isThorough: Bool) {
        var experiment = experiments[name] ?? Experiment()
        defer { experiments[name] = experiment }
        activity.at(root + "/experiments/" + name)
        let (folder, listing): (Folder, Folder.Listing)
        do throws(FileFault) {
            folder = try Folder(root + "/experiments/" + name)
            listing = try folder.listing()
        } catch {
            // Of one that has just gone, its parent's watch tells.
            experiment.fault = error.isAbsence ? nil : error
            return
        }
        experiment.fault = nil
        refused = refused.filter { !$0.key.hasPrefix(name + "/") }
        for run in listing.foreign { refuse("the run", "\(name)/\(run)", key: "\(name)/\(run)") }
        let runs = listing.entries.filter { $0.kind == .folder && !$0.name.hasPrefix(".") }
            .filter { RunOrder.isRun($0.name) || isFine($0.name, "a run", key: "\(name)/\($0.name)") }
            .map { (name: $0.name, order: RunOrder($0.name)) }.sorted { $0.order < $1.order }
        let there = Set(runs.map(\.name))
        let gone = experiment.runs.keys.filter { !there.contains($0) }
        if !gone.isEmpty {
            for run in gone { experiment.runs[run] = nil }
            tell(.gone(gone.map { RunName(experiment: name, run: $0) }))
        }
        let (known, isFirst) = (experiment.runs, experiments[name] == nil)
        let scene = BegunRun.Scene(
            folder: folder, runs: runs.map(\.name), isNew: { !isFirst && known[$0] == nil },
            isOver: { known[$0]?.isOver ?? Self.isFinal($0, in: folder) })
        var owner = LockOwner.pid(of: folder, in: locks)
        if owner == nil, isUnsettled(scene, known) {
            // The table may be older than the lock; and a run that was told to have ended would not be open again.
            locks = LockOwner.table()
            owner = LockOwner.pid(of: folder, in: locks)
        }
        let begun =
            owner != nil || isRemote ? experiment.begun.live(in: scene) : experiment.begun.last(in: scene)
        for (run, _) in runs {
            activity.at("\(root)/experiments/\(name)/\(run)")
            var reading = experiment.runs[run] ?? RunReading()
            let isKnown = experiment.runs[run] != nil
            let place = RunReading.Place(
                workspace: root, name: RunName(experiment: name, run: run), folder: folder,
                liveEvents: run == begun ? live.files(of: name) : nil,
                owner: run == begun ? owner : nil, isRemote: isRemote && run == begun)
            let isOver = !reading.isGrowing && !reading.isUnreadable && place.owner == nil
            if isKnown, isOver, !isThorough || reading.isUnchanged(in: place) { continue }
            let result = reading.read(place)
            experiment.runs[run] = result == nil && !reading.isUnreadable ? nil : reading
            if let result { add(result) }
        }
    }

    /// Whether some run of an experiment would be told to have ended for no more than that nobody holds the lock.
    private func isUnsettled(_ scene: BegunRun.Scene, _ known: [String: RunReading]) -> Bool {
        if known.values.contains(where: \.isOpen) { return true }
        // When an experiment is read for the first time, of all its runs only the last one can go on.
        let last = [scene.target, scene.newest].compactMap(\.self)
        return (scene.runs.filter(scene.isNew) + last).contains { !scene.isOver($0) }
    }

    /// Whether a run has ended by its own word.
    private static func isFinal(_ run: String, in experiment: Folder) -> Bool {
        guard let folder = try? Folder(run, in: experiment), let file = try? PlainFile("status.json", in: folder),
            file.stamp.size <= StatusFile.limit
        else { return false }
        return StatusFile.isFinal(file.bytes(limit: StatusFile.limit))
    }

    private func add(_ run: FoundRun) {
        found.append(run)
        if found.count >= Self.batch { flush() }
    }

    private func flush() {
        guard !found.isEmpty else { return }
        tell(.runs(found))
        found = []
    }
}

/// The folder of live events at one moment.
struct LiveEvents {
    private let folder: Folder?
    private var numbers: [String: [Int]] = [:]

    init(_ root: String) {
        folder = try? Folder(root + "/.events/experiments")
        for entry in (try? folder?.entries()) ?? [] where entry.kind == .file {
            guard let name = EventFileName(entry.name) else { continue }
            numbers[name.experiment, default: []].append(name.number)
        }
    }

    /// Those of exactly that experiment.
    func files(of experiment: String) -> (folder: Folder, numbers: [Int])? {
        folder.map { ($0, numbers[experiment] ?? []) }
    }
}
