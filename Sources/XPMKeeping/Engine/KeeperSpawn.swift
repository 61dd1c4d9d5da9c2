import Glibc
import XPMLogs

extension Keeper {
    func spawn(_ order: SpawnOrder) {
        if table[order.attempt] != nil { return say(table.known(of: order.attempt)) }
        let place = cgroups?.make(order.attempt, order.extras)
        var ends: StreamEnds?
        do throws(Spawning.Failure) {
            ends = try openStreams(for: order)
            let started = try start(order, in: place, ends)
            // Not yet reaped, the number can't mean another process.
            var attempt = Attempt(
                number: order.attempt, pid: started.pid, startTime: ProcessFiles.stat(of: started.pid)?.startTime ?? 0,
                marker: ArraySlice(order.marker.utf8), isChild: true, ownsNumber: true)
            if started.isInCgroup {
                attempt.cgroup = place?.cgroup
            } else if let place {
                KeeperLog.write("cannot put attempt \(order.attempt) into its cgroup \(place.cgroup.folder)")
                discard(place.cgroup)
            }
            say(table.began(attempt))
            handOver(ends?.streams ?? [])
        } catch {
            if let place { discard(place.cgroup) }
            for number in ends?.streams ?? [] { dropStream(number) }
            endListening(for: order.attempt)
            say([.spawnFailed(attempt: order.attempt, stage: error.stage, errno: error.errno)])
        }
    }

    private func openStreams(for order: SpawnOrder) throws(Spawning.Failure) -> StreamEnds? {
        guard let policy = order.extras.rotation else { return nil }
        do throws(LogFileError) {
            return try openStreams(for: order, policy, order.extras.terminal)
        } catch {
            throw Spawning.Failure(stage: .resources, errno: error.errno)
        }
    }

    private func start(
        _ order: SpawnOrder, in place: Cgroups.Place?, _ ends: StreamEnds?
    ) throws(Spawning.Failure) -> Spawning.Started {
        let extras = order.extras
        if !extras.notifySocket.isEmpty, !listen(for: order.attempt, at: extras.notifySocket) {
            throw Spawning.Failure(stage: .resources, errno: errno)
        }
        var options = Spawning.Options(extras: extras)
        let folder = try place.flatMap(openFolder)
        if let place, let folder {
            options.cgroup = folder.number
            options.cgroupCountsMemory = place.countsMemory
        }
        if let ends {
            (options.outputEnd, options.errorEnd) = (ends.output.descriptor, ends.error.descriptor)
            options.master = ends.master?.descriptor ?? -1
        }
        return try withExtendedLifetime((folder, ends)) { () throws(Spawning.Failure) in
            try spawning.start(
                arguments: order.arguments, environment: order.environment, directory: order.directory,
                output: order.standardOutput, error: order.standardError, options: options)
        }
    }

    /// Nil if the kernel lets nobody in; a shortage would meet the process as well.
    private func openFolder(of place: Cgroups.Place) throws(Spawning.Failure) -> Descriptor? {
        let number = open(place.cgroup.folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        if number >= 0 { return Descriptor(number) }
        guard [EMFILE, ENFILE, ENOMEM].contains(errno) else { return nil }
        throw Spawning.Failure(stage: .resources, errno: errno)
    }
}
