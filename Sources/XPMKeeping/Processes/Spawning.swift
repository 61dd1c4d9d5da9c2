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
        /// What its standard output and error are in place of files; the same number for both makes them one.
        var outputEnd: Int32 = -1
        var errorEnd: Int32 = -1
        /// The master of the terminal that both are, which it keeps open; -1 for none.
        var master: Int32 = -1
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
                extras.caller.oomScore.map(String.init) ?? "",
            ]),
            let directory = texts.pointers[0], let output = texts.pointers[1], let error = texts.pointers[2]
        else { throw Failure(stage: .exec, errno: EINVAL) }

        let limits = extras.resourceLimits.map {
            xpm_resource_limit(resource: Int32($0.resource), limit: $0.limit)
        }
        let foreign = extras.caller.limits.map {
            xpm_limit_pair(resource: Int32($0.resource), soft: $0.soft, hard: $0.hard)
        }
        let cpus = Self.mask(extras.caller.cpus)
        var isInCgroup: Int32 = 0
        var failure = xpm_spawn_failure()
        let pid = withExtendedLifetime((arguments, environment, texts)) {
            withUnsafePointers(limits, foreign, cpus) { limits, foreign, cpus in
                let goesToJournal = !extras.journal.isEmpty
                var order = xpm_spawn_order(
                    arguments: arguments.pointers, environment: environment.pointers, directory: directory,
                    output: output, error: error, output_end: options.outputEnd, error_end: options.errorEnd,
                    master: options.master, listener: options.listener, open_files: openFiles ?? 0,
                    mask: extras.caller.umask.map { mode_t(truncatingIfNeeded: $0) & 0o777 } ?? mask ?? .max,
                    cgroup: options.cgroup,
                    cgroup_counts_memory: options.cgroupCountsMemory ? 1 : 0, limits: limits.baseAddress,
                    limit_count: Int32(limits.count), data: extras.memory,
                    foreign_limits: foreign.baseAddress, foreign_limit_count: Int32(foreign.count),
                    cpus: cpus.baseAddress, cpus_size: UInt(cpus.count),
                    has_foreign_nice: extras.caller.nice == nil ? 0 : 1, foreign_nice: extras.caller.nice ?? 0,
                    foreign_oom_score: extras.caller.oomScore == nil ? nil : texts.pointers[7],
                    has_nice: extras.nice == nil ? 0 : 1,
                    nice: extras.nice ?? 0, oom_score: extras.oomScore == nil ? nil : texts.pointers[3],
                    journal_output: goesToJournal ? texts.pointers[5] : nil,
                    journal_error: goesToJournal ? texts.pointers[6] : nil, journal_socket: texts.pointers[4])
                return xpm_spawn(&order, &isInCgroup, &failure)
            }
        }
        guard pid > 0 else { throw Failure(failure) }
        return Started(pid: pid, isInCgroup: isInCgroup != 0)
    }

    /// The bits of the processors, in whole words of the kernel's.
    private static func mask(_ cpus: [UInt16]) -> [UInt8] {
        guard let last = cpus.max() else { return [] }
        var bytes = [UInt8](repeating: 0, count: (Int(last) / 64 + 1) * 8)
        for cpu in cpus { bytes[Int(cpu) / 8] |= 1 << UInt8(cpu % 8) }
        return bytes
    }

    private func withUnsafePointers<First, Second, Third, Result>(
        _ first: [First], _ second: [Second], _ third: [Third],
        _ body: (
            UnsafeBufferPointer<First>, UnsafeBufferPointer<Second>, UnsafeBufferPointer<Third>
        ) -> Result
    ) -> Result {
        first.withUnsafeBufferPointer { first in
            second.withUnsafeBufferPointer { second in
                third.withUnsafeBufferPointer { third in body(first, second, third) }
            }
        }
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
