import Glibc

/// What the main thread asks for.
extension Lane {
    func carryOut(_ order: LaneOrder) {
        if let number = order.stream, streams[number] == nil { return output.report(.bounced(order)) }
        switch order {
        case .take(let stream): take(stream)
        case .begin(let number):
            // Its attempt is told of even if nothing comes.
            if let stream = streams[number], stream.failure == nil { serve(stream, isHungUp: false) }
        case .settle(let number, let asker):
            guard let stream = streams[number] else { return }
            output.report(.answer(.settled(stream: number, isWritten: settle(stream)), asker: asker))
        case .clear(let number, let path, let asker):
            guard let stream = streams[number] else { return }
            let problem = problem { () throws(LogFileError) in
                guard let log = stream.log else {
                    throw LogFileError(cannot: "clear \(path)", because: "it is not open")
                }
                try log.clear()
                log.flush()
            }
            // There may be room now.
            stream.retryAt = 0
            output.report(.answer(.cleared(path: path, problem: problem), asker: asker))
        case .clearIdle(let path, let asker):
            let problem = problem { () throws(LogFileError) in
                let log = try LogWriter.open(path, policy: .none, attempt: nil, state: state, syncer: nil)
                try log.clear()
                log.flush()
            }
            output.report(.answer(.cleared(path: path, problem: problem), asker: asker))
        case .forget(let number):
            guard let stream = streams[number] else { return }
            remove(stream)
            stream.releaseDrops()
        case .finish(let path): finish(path)
        }
    }

    private func finish(_ path: String) {
        do throws(LogFileError) {
            try outside { () throws(LogFileError) in
                _ = try LogWriter.open(path, policy: .none, attempt: nil, state: state, syncer: nil)
            }
        } catch {
            LoggerLog.write("\(error)")
            guard error.errno == ENOENT || error.errno == ENOTDIR else { return }
            // The log's folder is gone, and what it was about to get with it.
            for slot in state.takeUnfinished({ $0.path == path }) {
                slot.phase = .idle
                state.giveBack(slot)
            }
        }
    }

    /// Why something could not be done; empty where it could.
    private func problem(_ body: () throws(LogFileError) -> Void) -> String {
        do throws(LogFileError) {
            try outside(body)
            return ""
        } catch {
            return "\(error)"
        }
    }

    private func take(_ stream: Stream) {
        enter(stream)
        guard let log = stream.log else { return open(stream) }
        if let held = log.takeHeld() {
            (stream.held, stream.isHeldNewer) = (held, true)
            holding += 1
        }
        listen(stream)
    }

    /// Whether all was written that is in the pipe now.
    private func settle(_ stream: Stream) -> Bool {
        guard slot != nil, stream.failure == nil else { return false }
        serveAll(stream)
        return stream.failure == nil
    }

    /// Opens a stream's log; once that is done, the stream belongs to another lane.
    func open(_ stream: Stream) {
        do throws(LogFileError) {
            let order = stream.order
            let (log, device) = try outside { () throws(LogFileError) in
                try Descriptors.expectRoom()
                let log = try LogWriter.open(
                    order.path, policy: order.policy, attempt: LogAttempt(number: order.attempt, began: order.began),
                    state: state, syncer: syncer, keepsHeld: true)
                return (log, log.header.device)
            }
            stream.log = log
            stream.adoptOrphans()
            stream.failure = nil
            stream.isFailureTold = false
            stream.retryDelay = Stream.firstDelay
            report(of: stream)
            remove(stream)
            output.report(.opened(stream, device: device))
        } catch {
            fail(stream, error)
        }
    }

    func remove(_ stream: Stream) {
        poller.remove(stream.pipe.descriptor)
        leave(stream)
        failing.remove(stream.number)
        if slotOwner == stream.number { slotOwner = 0 }
        if let held = stream.held { forget(held, of: stream) }
    }

    /// Waits for what a stream brings; it is looked at now and then where that can't be.
    func listen(_ stream: Stream) {
        if !poller.add(stream.pipe.descriptor, stream.number) && errno != EEXIST {
            failing.insert(stream.number)
        }
    }

    /// Tells what a log has noticed.
    func report(of stream: Stream) {
        guard let log = stream.log, !log.surprises.isEmpty || !log.faults.isEmpty else { return }
        for surprise in log.surprises {
            output.report(.tell(.surprise(stream: stream.number, path: log.path, surprise)))
        }
        for fault in log.faults { output.report(.tell(.fault(stream: stream.number, text: fault))) }
        log.surprises = []
        log.faults = []
    }
}
