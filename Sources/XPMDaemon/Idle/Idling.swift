import Logging
import NIOCore
import XPMControl
import XPMProtocol
import XPMSupervision

/// Puts services to sleep that nobody uses.
extension Supervisor {
    /// Begins to wait for the end of an attempt's traffic, or goes on where the daemon before has left it.
    func watchIdle(_ attempt: AttemptID, for entry: ServiceEntry) {
        guard let plan = entry.plan.idle, entry.idle?.attempt != attempt else { return }
        let now = IdleWatch.now
        // It may have been active after that was last saved.
        let saved = earlierActivity.removeValue(forKey: attempt).map {
            Duration.milliseconds($0) + Self.savingDelay(plan.after)
        }
        entry.endIdleWatch()
        let watch = IdleWatch(attempt, IdleClock(after: plan.after, from: min(now, saved ?? now)), loop: loop) {
            [unowned self, weak entry] in
            if let entry { idleTimeIsUp(of: entry) }
        }
        entry.idle = watch
        entry.touch()
        watch.wait()
        saveActivitySoon(plan.after)
    }

    /// Takes in something about a service's traffic.
    func noteTraffic(of entry: ServiceEntry, _ change: (inout IdleClock<ObjectIdentifier>) -> Void) {
        guard let watch = entry.idle else { return }
        watch.note(change)
        entry.touch()
        saveActivitySoon(watch.clock.span)
    }

    private func idleTimeIsUp(of entry: ServiceEntry) {
        // Who ends now leaves it to the next daemon.
        guard !isEnding, let watch = entry.idle, case .running(watch.attempt) = entry.machine.phase else { return }
        // A service that others use is none that nobody does.
        guard !entry.isDependedOn else { return keepAwake(entry, watch) }
        guard let probe = entry.plan.idle?.probe else { return sleep(entry, watch) }
        let url = entry.runtime.url ?? entry.runtime.allotment?.port.map { "http://127.0.0.1:\($0)/" }
        watch.asking = ActivityQuestion(probe, url: url, prober(for: entry, anyListener: false)) {
            [weak self, weak entry, weak watch] answer in
            guard let self, let entry, let watch, entry.idle === watch else { return }
            watch.asking = nil
            guard case .running(watch.attempt) = entry.machine.phase else { return }
            take(answer, of: entry, watch)
        }
    }

    private func take(_ answer: ActivityAnswer, of entry: ServiceEntry, _ watch: IdleWatch) {
        let now = IdleWatch.now
        switch answer {
        case .busy: noteTraffic(of: entry) { $0.noteActivity(at: now) }
        case .idle(let since?):
            // By its own clock, which nobody has to trust further than this.
            let ago = Duration.milliseconds(max(0, Timestamp.now.milliseconds.clampedDifference(since.milliseconds)))
            noteTraffic(of: entry) { $0.noteActivity(at: now - ago) }
        case .idle(nil): break
        case .unclear(let reason):
            note("it is not put to sleep, for its activity is not known: \(reason)", of: entry)
            return keepAwake(entry, watch)
        }
        // There may have been traffic while it was asked.
        if watch.clock.due > now {
            watch.wait()
        } else if entry.isDependedOn {
            keepAwake(entry, watch)
        } else {
            sleep(entry, watch)
        }
    }

    /// Looks again after another such time.
    private func keepAwake(_ entry: ServiceEntry, _ watch: IdleWatch) {
        watch.note { $0.hold(at: IdleWatch.now) }
        entry.touch()
        watch.wait()
    }

    private func sleep(_ entry: ServiceEntry, _ watch: IdleWatch) {
        let reason = "it was idle for \(watch.clock.span.wholeText)"
        logger.info("\(entry.identity.fullName) is being stopped: \(reason)", metadata: entry.logFields)
        entry.runtime.lastActivity = watch.lastActivity
        apply(.stop, to: entry, because: reason, for: .idle)
    }

    // MARK: For the next daemon

    /// How long it may take until activity is saved: what was said before must not cost a write each.
    private static func savingDelay(_ span: Duration) -> Duration { min(.seconds(10), span / 10) }

    private func saveActivitySoon(_ span: Duration) {
        let due = NIODeadline.now() + TimeAmount(Self.savingDelay(span))
        if let activitySaving, activitySaving.due <= due { return }
        activitySaving?.cancel()
        let scheduled = loop.assumeIsolated().scheduleTask(deadline: due) { [weak self] in
            guard let self, activitySaving?.due == due else { return }
            activitySaving = nil
            saveActivity()
        }
        activitySaving = RunningTimer(due: due, scheduled: scheduled)
    }

    private func saveActivity() {
        let watches = live.values.compactMap(\.idle)
        // Traffic that goes on has not been over before it is.
        let moments = watches.map { watch in
            (attempt: watch.attempt, moment: (watch.clock.due - watch.clock.span).milliseconds)
        }
        let earlier = earlierActivity.filter { live[$0.key] != nil }.map { (attempt: $0.key, moment: $0.value) }
        activityFile.save(moments + earlier)
    }
}

extension ServiceEntry {
    /// Whether a service depends on it that runs, or will.
    var isDependedOn: Bool { experiment.dependents(of: self, strictly: false).contains(where: \.isLive) }

    /// Nobody waits for the end of its traffic any more.
    func endIdleWatch() {
        guard let idle else { return }
        runtime.lastActivity = idle.lastActivity
        idle.end()
        self.idle = nil
    }

    /// Notes that it goes to sleep, or what wakes it; called before the machine decides.
    func noteSleep(_ event: MachineEvent, because reason: String?, for end: EndReason?) {
        switch event {
        case .start, .restart:
            if !isLive { runtime.wokenBy = runtime.asleep == true ? reason ?? "start requested" : nil }
            runtime.asleep = nil
        case .stop: runtime.asleep = end == .idle ? true : nil
        case .force, .retry, .unblocked, .blocked, .released, .leaving, .failed, .spawned, .notSpawned, .ready, .exited,
            .emptied, .timeUp, .rebooted:
            break
        }
    }

    /// Whether it sleeps.
    var isAsleep: Bool {
        state == .stopped && (isComposite ? subServices.contains(where: \.isAsleep) : runtime.asleep == true)
    }

    /// When it sleeps, for its record.
    var idleReport: IdleReport? {
        guard let plan = plan.idle else { return nil }
        var report = IdleReport(
            afterSeconds: plan.seconds, lastActivity: runtime.lastActivity, wokenBy: isLive ? runtime.wokenBy : nil)
        guard let idle else { return report }
        let isActive = idle.clock.isActive(at: IdleWatch.now)
        report.lastActivity = isActive ? nil : idle.lastActivity
        report.sleepsAt = isActive || isDependedOn ? nil : IdleWatch.wall(of: idle.clock.due)
        return report
    }
}
