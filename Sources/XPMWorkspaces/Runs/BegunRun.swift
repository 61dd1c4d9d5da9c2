import CLinux

/// Which of an experiment's runs the experiment is at.
///
/// experimaestro makes a run's folder, then its files, and after all that moves the link `current`, which takes seconds: in
/// between the run is ahead of the link. Names tell little: the clock that they were taken from may have been ahead, or in
/// another time zone.
struct BegunRun {
    /// The link at one moment.
    private struct Link: Equatable {
        var run: String
        /// Nanoseconds since 1970.
        var made: Int64
    }

    /// An experiment as it is read now.
    struct Scene {
        var folder: Folder
        /// All folders that may be runs, in the order of their names.
        var runs: [String]
        /// Whether a run has come since the last reading.
        var isNew: (String) -> Bool
        /// Whether a run has ended, by its own word or as far as it was seen.
        var isOver: (String) -> Bool

        /// Where the link leads, if that is one of the runs.
        var target: String? {
            folder.target(of: "current").flatMap { $0.split(separator: "/").last.map(String.init) }
                .flatMap { runs.contains($0) ? $0 : nil }
        }

        /// The last one by its name.
        var newest: String? { runs.last(where: RunOrder.isRun) }
    }

    /// The last one seen: it is removed before it is made anew.
    private var link: Link?
    private var ahead: String?

    /// The run that the experiment is at while a process has it: one ahead of the link, or the link's.
    mutating func live(in scene: Scene) -> String? {
        let before = link
        take(scene)
        let link = link
        let isPast = link.map { scene.isOver($0.run) } ?? true
        let fresh = scene.runs.filter { run in
            // Other folders may stand beside the runs, and runs of the past be copied in while a later one goes on.
            guard RunOrder.isRun(run) else { return false }
            if let link, run == link.run || !isPast && RunOrder(run) < RunOrder(link.run) { return false }
            // Where the link has moved, it has moved after what came with it.
            if run == ahead || link == before && scene.isNew(run) { return true }
            return link.map { Self.birth(of: run, in: scene.folder) > $0.made } ?? true
        }
        let candidates = fresh.map { (run: $0, isNew: scene.isNew($0), made: Self.birth(of: $0, in: scene.folder)) }
            .sorted { ($0.isNew ? 1 : 0, $0.made) < ($1.isNew ? 1 : 0, $1.made) }
        ahead = candidates.last { !scene.isOver($0.run) }?.run
        return ahead ?? ended(in: scene)
    }

    /// The run that the experiment was at last, if no process has it.
    mutating func last(in scene: Scene) -> String? {
        take(scene)
        ahead = nil
        return ended(in: scene)
    }

    private func ended(in scene: Scene) -> String? { link?.run ?? scene.newest }

    private mutating func take(_ scene: Scene) {
        if let target = scene.target {
            let now = Link(run: target, made: Self.birth(of: "current", in: scene.folder))
            if now != link { ahead = nil }
            link = now
        } else if let known = link, !scene.runs.contains(known.run) {
            link = nil
        }
    }

    /// When something in the folder was made, in nanoseconds since 1970. Where the file system does not know, it is when it
    /// was last changed: what is ahead of the link was changed after it in any case, and old runs seldom are.
    private static func birth(of name: String, in folder: Folder) -> Int64 {
        let birth = xpm_birth_time(folder.descriptor, name)
        if birth > 0 { return birth }
        return folder.status(of: name, follow: false).map { PlainFile.Stamp($0).modified } ?? 0
    }
}
