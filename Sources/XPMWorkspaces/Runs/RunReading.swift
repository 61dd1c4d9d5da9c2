import Glibc
import XPMProtocol

/// What is known of one run, and how it is read again.
struct RunReading {
    /// Whether its status.json has to be looked at again soon, because it is being written.
    private(set) var isTorn = false
    /// Whether the experiment goes on with it.
    private(set) var isOpen = false
    /// Whether its folder or its status.json is there and could not be opened: what was known of it is all that is known.
    private(set) var isUnreadable = false
    /// What could not be listed of it.
    private(set) var omissions: [Omission] = []

    private var stamp: PlainFile.Stamp?
    /// Whether a whole status.json was seen: one that is copied into the workspace comes after its folder.
    private var hasStatus = false
    /// Whether the run has ended without a word, and has no whole environment.json yet that may say why.
    private var lacksEnvironment = false
    private var status: StatusFile?
    private var events = EventReading()
    private var added: [FoundService] = []
    private var owner: (pid: Int32, interpreter: Interpreter?)?

    /// Whether it has ended: a run never goes on again.
    var isOver: Bool { !isOpen && !isTorn && !isUnreadable && hasStatus }
    /// Whether more of it is to be expected.
    var isGrowing: Bool { isOpen || isTorn || !hasStatus || lacksEnvironment }

    /// Where a run stands, for reading it.
    struct Place {
        var workspace: String
        var name: RunName
        /// The experiment's folder.
        var folder: Folder
        /// The folder of live events, and the numbers of this experiment's files in it; nil where they are another run's.
        var liveEvents: (folder: Folder, numbers: [Int])?
        /// The live process.
        var owner: Int32?
        /// Whether the run may go on on another machine, whose locks are not seen here.
        var isRemote: Bool

        /// The run's own folder.
        var path: String { "\(workspace)/experiments/\(name.experiment)/\(name.run)" }
    }

    /// Whether status.json is the one that was read; says nothing of a run that was never read.
    func isUnchanged(in place: Place) -> Bool {
        guard !isGrowing else { return false }
        let status = place.folder.status(of: place.name.run + "/status.json", follow: false)
        return status.map(PlainFile.Stamp.init) == stamp
    }

    /// Reads it, as far as it has changed; nil where it is no run at all, or `isUnreadable`.
    mutating func read(_ place: Place) -> FoundRun? {
        let folder: Folder
        do throws(FileFault) {
            folder = try Folder(place.name.run, in: place.folder)
        } catch {
            omissions = []
            isUnreadable = !error.isAbsence
            if isUnreadable { omissions = [Omission("cannot read \(place.path): \(error.reason)")] }
            return nil
        }
        isUnreadable = false
        omissions = []
        readStatus(place, folder)
        // It may well say how the run has ended.
        if isUnreadable, place.owner == nil { return nil }
        guard status != nil || RunOrder.isRun(place.name.run) else { return nil }
        let isElsewhere = place.isRemote && status?.status == .running && status?.hostname != Self.hostname
        isOpen = place.owner != nil || isElsewhere
        readEvents(place, folder)
        omissions += status?.omissions ?? []
        let run = found(place, folder)
        // What is over is not read again, so nothing of it is kept but what tells whether it has changed.
        if !isOpen && !isTorn {
            (status, added, owner) = (nil, [], nil)
            events = EventReading()
        }
        return run
    }

    private mutating func readStatus(_ place: Place, _ folder: Folder) {
        isTorn = false
        let file: PlainFile
        do throws(FileFault) {
            file = try PlainFile("status.json", in: folder)
        } catch {
            isUnreadable = !error.isAbsence
            if isUnreadable {
                omissions.append(Omission("cannot read \(place.path)/status.json: \(error.reason)"))
            } else {
                (stamp, status) = (nil, nil)
            }
            return
        }
        if file.stamp == stamp, status != nil { return }
        guard file.stamp.size <= StatusFile.limit else {
            (stamp, status) = (file.stamp, nil)
            omissions.append(Omission("cannot read a status.json of \(file.stamp.size) bytes"))
            return
        }
        if let read = StatusFile(file.bytes(limit: StatusFile.limit)) {
            (stamp, status, hasStatus) = (file.stamp, read, true)
        } else if file.stamp.isFresh(within: 2) {
            // It is written in place while the run goes on: what was read before is good until it is whole.
            isTorn = true
        } else {
            (stamp, status) = (file.stamp, nil)
        }
    }

    private mutating func readEvents(_ place: Place, _ folder: Folder) {
        if let status, status.status != .running { return }
        let first = status?.eventsCount ?? 0
        let experiments = place.workspace + "/experiments"
        func names(_ numbers: [Int], _ prefix: String) -> [String] {
            numbers.filter { $0 >= first }.sorted().map { "\(prefix)-\($0).jsonl" }
        }
        var source: (folder: Folder, names: [String])?
        if let live = place.liveEvents {
            source = (live.folder, names(live.numbers, place.name.experiment))
        }
        if !isOpen, source?.names.isEmpty ?? true, let kept = try? Folder("events", in: folder) {
            let numbers = ((try? kept.entries()) ?? []).filter { $0.kind == .file }.compactMap {
                EventFileName($0.name)
            }
            .filter { $0.experiment == "event" }.map(\.number)
            source = (kept, names(numbers, "event"))
        }
        guard let source else { return }
        for name in source.names {
            events.read(name, in: source.folder) { line in
                do throws(Omission) {
                    guard let addition = try ServiceAddition(line),
                        addition.run.isEmpty || addition.run == place.name.run,
                        !ServiceAddition.isForeign(
                            addition.service.stateDict, experiments: experiments, experiment: place.name.experiment),
                        !added.contains(where: { $0.id == addition.service.id }),
                        added.count < FoundService.countLimit
                    else { return }
                    added.append(addition.service)
                } catch {
                    omissions.append(error)
                }
            }
        }
    }

    private mutating func found(_ place: Place, _ folder: Folder) -> FoundRun {
        var run = FoundRun(
            name: place.name, status: .open, startedAt: status?.startedAt ?? LocalTime.ofRun(place.name.run),
            services: status?.services ?? [])
        run.isComplete = status?.status == .done || status?.status == .failed
        if !run.isComplete { run.services += added.filter { new in !run.services.contains { $0.id == new.id } } }
        if let pid = place.owner {
            if owner?.pid != pid { owner = (pid, InterpreterSearch.ofProcess(pid)) }
            run.interpreter = owner?.interpreter
        }
        lacksEnvironment = false
        guard !isOpen else { return run }
        run.endedAt =
            status?.endedAt
            ?? stamp.map {
                Timestamp(milliseconds: $0.seconds.clampedProduct(1000).clampedSum($0.nanoseconds / 1_000_000))
            }
        switch status?.status {
        case .done: (run.status, run.cause) = (.done, "done")
        case .failed: (run.status, run.cause) = (.failed, "failed")
        case .running, nil:
            let isDetached = isDetached(folder)
            lacksEnvironment = isDetached == nil
            run.isDetached = isDetached ?? false
            (run.status, run.cause) =
                run.isDetached
                ? (.done, "its process detached; its jobs may still run")
                : (.failed, "its process exited without reporting a result")
        }
        return run
    }

    /// Whether environment.json says that the process let go of the run; nil where there is none that is whole.
    private func isDetached(_ folder: Folder) -> Bool? {
        guard let file = try? PlainFile("environment.json", in: folder) else { return nil }
        // A longer one is never whole for us.
        if file.stamp.size > EnvironmentFile.limit { return false }
        return EnvironmentFile.isDetached(file.bytes(limit: EnvironmentFile.limit))
    }

    private static let hostname: String = {
        var name = [CChar](repeating: 0, count: 256)
        return gethostname(&name, name.count - 1) == 0
            ? String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self) : ""
    }()
}
