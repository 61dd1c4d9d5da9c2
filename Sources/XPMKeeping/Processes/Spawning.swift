import CLinux
import Glibc

/// Starts programs.
struct Spawning {
    /// Soft limit of open files for children; nil leaves it as it is.
    var openFiles: UInt64?
    /// File mode mask of children; nil leaves it as it is.
    var mask: mode_t?

    /// Why nothing was started.
    struct Failure: Error, Equatable {
        var stage: SpawnFailureStage
        var errno: Int32
    }

    /// What a process gets beyond its command, files and folder.
    struct Options {
        /// A listening socket that becomes its descriptor 3.
        var listener: Int32 = -1
        /// The folder of the cgroup that it is born in.
        var cgroup: Int32 = -1
        /// That cgroup limits memory; without, each process is limited by itself.
        var cgroupCountsMemory = false
        var extras = SpawnExtras()
        /// Where the journal takes streams.
        var journalSocket = Spawning.journalSocket
    }

    /// What was started.
    struct Started {
        var pid: Int32
        /// It got into the cgroup of its options.
        var isInCgroup: Bool
    }

    /// Where journald listens.
    static let journalSocket = "/run/systemd/journal/stdout"

    /// The new process leads its own session. A cgroup that it can't be put into is no failure.
    func start(
        arguments: [String], environment: [String], directory: String, output: String, error: String,
        options: Options = Options()
    ) throws(Failure) -> Started {
        let extras = options.extras
        guard arguments.first?.hasPrefix("/") == true,
            let arguments = CStrings(arguments), let environment = CStrings(environment),
            let texts = CStrings([
                directory, output, error, extras.oomScore.map(String.init) ?? "", options.journalSocket,
                JournalStream.header(extras.journal, isError: false),
                JournalStream.header(extras.journal, isError: true),
            ]),
            let directory = texts.pointers[0], let output = texts.pointers[1], let error = texts.pointers[2]
        else { throw Failure(stage: .exec, errno: EINVAL) }

        let limits = extras.resourceLimits.map {
            xpm_resource_limit(resource: Int32($0.resource), limit: $0.limit)
        }
        var isInCgroup: Int32 = 0
        var failure = xpm_spawn_failure()
        let pid = withExtendedLifetime((arguments, environment, texts)) {
            limits.withUnsafeBufferPointer { limits in
                let goesToJournal = !extras.journal.isEmpty
                var order = xpm_spawn_order(
                    arguments: arguments.pointers, environment: environment.pointers, directory: directory,
                    output: output, error: error, listener: options.listener, open_files: openFiles ?? 0,
                    mask: mask ?? .max, cgroup: options.cgroup,
                    cgroup_counts_memory: options.cgroupCountsMemory ? 1 : 0, limits: limits.baseAddress,
                    limit_count: Int32(limits.count), data: extras.memory, has_nice: extras.nice == nil ? 0 : 1,
                    nice: extras.nice ?? 0, oom_score: extras.oomScore == nil ? nil : texts.pointers[3],
                    journal_output: goesToJournal ? texts.pointers[5] : nil,
                    journal_error: goesToJournal ? texts.pointers[6] : nil, journal_socket: texts.pointers[4])
                return xpm_spawn(&order, &isInCgroup, &failure)
            }
        }
        guard pid > 0 else { throw Failure(failure) }
        return Started(pid: pid, isInCgroup: isInCgroup != 0)
    }
}

extension Spawning.Failure {
    fileprivate init(_ failure: xpm_spawn_failure) {
        errno = failure.error
        switch (failure.stage, failure.error) {
        // A shortage is one wherever it shows: it says nothing about the folder, log or program.
        case (_, EMFILE), (_, ENFILE), (_, ENOMEM), (_, EAGAIN), (XPM_SPAWN_RESOURCES, _): stage = .resources
        case (XPM_SPAWN_LOG, _): stage = .log
        case (XPM_SPAWN_FOLDER, _): stage = .folder
        default: stage = .exec
        }
    }
}
