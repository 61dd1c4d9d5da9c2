import Glibc
import XPMProtocol

/// Reads a workspace, and goes on reading what changes in it, on a thread of its own: a file system that does not answer
/// holds up nobody else.
public final class WorkspaceWatcher {
    /// What a watch of inotify is for.
    private enum Target: Hashable {
        case root, experiments, hiddenEvents, events
        /// A folder around the workspace: when it is renamed, the workspace is no longer where it was.
        case around(String)
        case experiment(String)
        case run(RunName)
    }

    /// How long after a reading the next one is due at the earliest, in milliseconds: what is written line by line is read in pieces.
    private static let pause: Int64 = 100
    /// After how many milliseconds an experiment is looked at again whose lock was let go of, but was there still.
    private static let rechecks: [Int64] = [5, 20, 100, 500, 2000]

    private let root: String
    private let inbox: Inbox
    private let system: WatchingSystem
    private let tell: (WorkspaceNews) -> Void
    private var reader: WorkspaceReader
    private var inotify: Inotify<Target>?
    /// Experiments to be read again, and when, by the monotonic clock in milliseconds.
    private var due: [String: Int64] = [:]
    private var tries: [String: Int] = [:]
    /// The runs that have a watch, by experiment.
    private var watchedRuns: [String: Set<String>] = [:]
    private var told: (WorkspaceRecord.State, String?)?

    /// Will watch the folder `root`, which has no symbolic links in it. `tell` is called on the thread of `run`.
    public convenience init(root: String, inbox: Inbox, tell: @escaping (WorkspaceNews) -> Void) {
        self.init(root: root, inbox: inbox, system: WatchingSystem(), tell: tell)
    }

    init(root: String, inbox: Inbox, system: WatchingSystem, tell: @escaping (WorkspaceNews) -> Void) {
        self.root = root
        self.inbox = inbox
        self.system = system
        self.tell = tell
        inbox.activity.at(root)
        reader = WorkspaceReader(
            root: root, isRemote: system.remoteKind(root) != nil, activity: inbox.activity, tell: tell)
    }

    /// The real path of a workspace.
    public static func locate(_ path: String) throws(WireError) -> String {
        let real: String
        do throws(FileFault) {
            real = try InterpreterSearch.resolved(path)
            _ = try Folder(real)
        } catch {
            throw WireError(
                .folderNotFound, "cannot watch \(Name.quoted(path)): \(error.reason)",
                data: ["path": .string(path)])
        }
        guard WorkspaceReader.isWorkspace(real) else {
            throw WireError(
                .notAWorkspace,
                "cannot watch \(Name.quoted(path)): it has neither .__experimaestro__ nor experiments in it",
                data: ["path": .string(path)])
        }
        return real
    }

    /// Watches until it is told to stop.
    public func run() {
        while !inbox.isStopped {
            inbox.activity.at(root)
            guard WorkspaceReader.isWorkspace(root) else {
                inotify = nil
                say(.missing, "cannot find \(root); it is checked every \(often)")
                sleep(system.interval)
                continue
            }
            if told?.0 == .missing {
                reader = WorkspaceReader(
                    root: root, isRemote: system.remoteKind(root) != nil, activity: inbox.activity, tell: tell)
                told = nil
            }
            shortage = observe()
            let isRead = reader.readAll { name in watch(.experiment(name)) }
            if !isRead { shortage = shortage ?? "cannot read \(root)/experiments; xpmd retries every \(often)" }
            // These may want more watches than there are, too.
            for name in reader.names where shortage == nil { lookAgain(at: name) }
            if let shortage {
                inotify = nil
                say(.polling, [shortage, reader.complaint].compactMap(\.self).joined(separator: "; "))
                sleep(system.interval)
            } else {
                say(.watching, reader.complaint)
                follow()
                if !inbox.isStopped { wait(on: -1, Self.pause) }
            }
        }
    }

    private var often: String { "\(system.interval / 1000) s" }

    // MARK: Watches

    /// Why inotify does not do, or cannot go on.
    private var shortage: String?

    /// Watches the folders that everything is in; returns why it cannot.
    private func observe() -> String? {
        shortage = nil
        (due, tries, watchedRuns) = ([:], [:], [:])
        if let kind = system.remoteKind(root) {
            return "\(root) is on \(kind), which does not report changes; xpmd reads it every \(often)"
        }
        // The one before gives its watches back first.
        inotify = nil
        inotify = Inotify(system)
        guard inotify != nil else {
            return
                "cannot watch \(root): the user has no inotify instance left (fs.inotify.max_user_instances), or xpmd has no file descriptor left; xpmd reads it every \(often)"
        }
        // From the outside in: what is renamed meanwhile has a watch already, or is not found by its path.
        for folder in around { watch(.around(folder)) }
        for target in [Target.root, .experiments, .hiddenEvents, .events] { watch(target) }
        return shortage
    }

    /// The folders that the workspace is in, but `/`, the outermost first.
    private var around: [String] {
        root.indices.filter { root[$0] == "/" && $0 > root.startIndex }.map { String(root[..<$0]) }
    }

    private func watch(_ target: Target) {
        guard let inotify, shortage == nil else { return }
        inbox.activity.at(path(of: target))
        let changes = IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO
        let own = IN_DELETE_SELF | IN_MOVE_SELF
        let result =
            switch target {
            case .around: inotify.add(path(of: target), own, for: target)
            case .root, .experiments, .hiddenEvents: inotify.add(path(of: target), changes | own, for: target)
            case .events: inotify.add(path(of: target), changes | own | IN_MODIFY, for: target)
            case .experiment: inotify.add(path(of: target), changes | IN_CLOSE_WRITE, for: target)
            case .run:
                inotify.add(
                    path(of: target), IN_CREATE | IN_MOVED_TO | IN_CLOSE_WRITE | IN_DONT_FOLLOW, for: target)
            }
        // What is not there yet is seen coming by the folder around it.
        guard result == ENOSPC || result == ENOMEM else { return }
        shortage =
            "cannot watch all of \(root): the user has no inotify watches left (fs.inotify.max_user_watches); xpmd reads it every \(often)"
    }

    private func path(of target: Target) -> String {
        switch target {
        case .around(let folder): folder
        case .root: root
        case .experiments: root + "/experiments"
        case .hiddenEvents: root + "/.events"
        case .events: root + "/.events/experiments"
        case .experiment(let name): "\(root)/experiments/\(name)"
        case .run(let name): "\(root)/experiments/\(name.experiment)/\(name.run)"
        }
    }

    /// Of an experiment's runs only those have a watch of which more is to be expected.
    private func watchGrowingRuns(of experiment: String) {
        let growing = Set(reader.growingRuns(of: experiment))
        let before = watchedRuns.updateValue(growing, forKey: experiment) ?? []
        for run in before.subtracting(growing) { inotify?.remove(.run(RunName(experiment: experiment, run: run))) }
        for run in growing.subtracting(before) {
            watch(.run(RunName(experiment: experiment, run: run)))
            // Something may have been written before.
            postpone(experiment, by: 0)
        }
    }

    // MARK: Following

    /// Reads what changes, until everything has to be read again.
    private func follow() {
        guard let inotify else { return }
        while !inbox.isStopped, shortage == nil {
            resolve()
            let now = Self.now
            let next = due.values.min()
            let timeout = inbox.hasWanted ? 0 : next.map { max(0, $0 - now) } ?? -1
            wait(on: inotify.descriptor, timeout)
            guard take(inotify.read()) else { return }
            let ready = Set(due.filter { $0.value <= Self.now }.keys)
            guard !ready.isEmpty else {
                // A name that is refused may have come or gone.
                if shortage == nil { say(.watching, reader.complaint) }
                continue
            }
            for name in ready { due[name] = nil }
            reader.read(ready)
            for name in ready { lookAgain(at: name) }
            say(.watching, reader.complaint)
            // What comes within the pause is taken together.
            if !inbox.isStopped { wait(on: -1, Self.pause) }
        }
    }

    /// Notes what has to be read after some events; false where that is everything.
    private func take(_ events: [Inotify<Target>.Event]) -> Bool {
        for event in events {
            if event.has(IN_IGNORED) { continue }
            switch event.target {
            case nil, .around: return false
            case .root:
                if event.name.isEmpty || event.name == "experiments" || event.name == ".events" { return false }
            case .hiddenEvents: if event.name.isEmpty || event.name == "experiments" { return false }
            case .experiments:
                if event.name.isEmpty { return false }
                if event.has(IN_CREATE | IN_MOVED_TO) {
                    watch(.experiment(event.name))
                    // A name that is refused is told of, too.
                    guard reader.listExperiments()?.contains(event.name) ?? true else { continue }
                    postpone(event.name, by: 0)
                } else {
                    inotify?.remove(.experiment(event.name))
                    (due[event.name], watchedRuns[event.name]) = (nil, nil)
                    // One that was refused is complained of no longer.
                    if reader.knows(event.name) { reader.forget(event.name) } else { _ = reader.listExperiments() }
                }
            case .events:
                if event.name.isEmpty { return false }
                if let name = EventFileName(event.name), reader.knows(name.experiment) {
                    postpone(name.experiment, by: 0)
                }
            case .experiment(let name):
                if event.name == "lock", event.has(IN_CLOSE_WRITE) { tries[name] = 0 }
                if event.has(IN_ISDIR), event.has(IN_CREATE | IN_MOVED_TO) {
                    // It may be in the place of another one, of which nothing holds for it: neither what was read nor the watch.
                    let run = RunName(experiment: name, run: event.name)
                    inotify?.remove(.run(run))
                    watchedRuns[name]?.remove(event.name)
                    reader.forget(run)
                }
                if event.name == "lock" || event.name == "current" || event.has(IN_ISDIR) { postpone(name, by: 0) }
            case .run(let name):
                if ["status.json", "environment.json"].contains(event.name) { postpone(name.experiment, by: 0) }
            }
        }
        return true
    }

    /// The lock is released after its file is closed, and a status.json is written in place: both are looked at again.
    private func lookAgain(at name: String) {
        watchGrowingRuns(of: name)
        if reader.isTorn(name) { postpone(name, by: 50) }
        if reader.isUnreadable(name) {
            // Nothing tells when it can be read again.
            watch(.experiment(name))
            postpone(name, by: system.interval)
        }
        guard let attempt = tries[name] else { return }
        guard attempt < Self.rechecks.count, !reader.openRuns(of: name).isEmpty else {
            tries[name] = nil
            return
        }
        tries[name] = attempt + 1
        postpone(name, by: Self.rechecks[attempt])
    }

    private func postpone(_ name: String, by delay: Int64) {
        due[name] = min(due[name] ?? .max, Self.now + delay)
    }

    // MARK: Other work

    /// Finds some of the interpreters that were asked for.
    private func resolve() {
        let wanted = inbox.takeWanted(atMost: 64)
        guard !wanted.isEmpty else { return }
        var found: [RunName: Interpreter] = [:]
        for name in wanted {
            inbox.activity.at(path(of: .run(name)))
            guard let experiment = try? Folder("\(root)/experiments/\(name.experiment)"),
                let run = try? Folder(name.run, in: experiment)
            else { continue }
            found[name] = InterpreterSearch.ofRun(run, workspace: root)
        }
        if !found.isEmpty { tell(.interpreters(found)) }
    }

    private func say(_ state: WorkspaceRecord.State, _ error: String?) {
        let error = error.flatMap { $0.isEmpty ? nil : $0 }
        guard told.map({ $0 != (state, error) }) ?? true else { return }
        told = (state, error)
        tell(.state(state, error: error))
    }

    /// Waits so many milliseconds, or until it is told to stop, doing what else is asked.
    private func sleep(_ milliseconds: Int64) {
        let end = Self.now + milliseconds
        while !inbox.isStopped {
            resolve()
            let left = end - Self.now
            if left <= 0 { return }
            wait(on: -1, inbox.hasWanted ? 0 : left)
        }
    }

    /// Waits for a descriptor, the inbox or the time; -1 is for ever.
    private func wait(on descriptor: CInt, _ milliseconds: Int64) {
        var waited = [
            pollfd(fd: inbox.descriptor, events: Int16(POLLIN), revents: 0),
            pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0),
        ]
        inbox.activity.rest()
        _ = poll(&waited, 2, CInt(clamping: milliseconds))
        if waited[0].revents != 0 { inbox.settle() }
    }

    private static var now: Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
    }
}
