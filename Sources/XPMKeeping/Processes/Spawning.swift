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

    /// The new process leads its own session; with `listener` given, that is its descriptor 3.
    func start(
        arguments: [String], environment: [String], directory: String, output: String, error: String,
        listener: Int32 = -1
    ) throws(Failure) -> Int32 {
        guard arguments.first?.hasPrefix("/") == true,
            let arguments = CStrings(arguments), let environment = CStrings(environment),
            let places = CStrings([directory, output, error]),
            let directory = places.pointers[0], let output = places.pointers[1], let error = places.pointers[2]
        else { throw Failure(stage: .exec, errno: EINVAL) }

        var order = xpm_spawn_order(
            arguments: arguments.pointers, environment: environment.pointers, directory: directory, output: output,
            error: error, listener: listener, open_files: openFiles ?? 0, mask: mask ?? .max)
        var failure = xpm_spawn_failure()
        let pid = withExtendedLifetime((arguments, environment, places)) { xpm_spawn(&order, &failure) }
        guard pid > 0 else { throw Failure(failure) }
        return pid
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
