import Glibc
import XPMLogs

/// The logger, as the keeper has to do with it: found or started, told what to read, and heard.
extension Keeper {
    /// Starts to find a logger, where there is anything for it to read.
    func wakeLogger() {
        guard logger.isAbsent, !streams.isEmpty || !clearing.isEmpty,
            logger.due == nil || logger.due ?? 0 <= Clocks.monotonic
        else {
            return
        }
        guard logger.begin() else { return tellLoggerFault() }
        watchLogger()
    }

    private func watchLogger() {
        logger.source = nextNumber()
        logger.watch.asked(at: Clocks.monotonic)
        let descriptor: Int32
        switch logger.step {
        case .absent: return
        case .starting(let started):
            orphans.classified(started.pid, .nobody)
            descriptor = started.ready.descriptor
        case .listing(let client, _), .connected(let client):
            descriptor = client.descriptor
            guard client.send(.list(after: 0)) else { return loseLogger() }
        }
        guard poller.add(descriptor, .logger(logger.source)) else { return loseLogger() }
    }

    /// Asks a logger that is connected which streams it has: those of an earlier keeper may be among them.
    func relist() {
        guard case .connected(let client) = logger.step else { return }
        logger.step = .listing(client, [])
        logger.watch.asked(at: Clocks.monotonic)
        if !client.send(.list(after: 0)) { loseLogger() }
    }

    func hearLogger(_ source: UInt64) {
        guard source == logger.source else { return }
        if case .starting(let started) = logger.step {
            poller.remove(started.ready.descriptor)
            logger.watch.heard()
            if logger.becameReady() { watchLogger() } else { tellLoggerFault() }
            return
        }
        guard let client = logger.client else { return }
        guard client.flush(), let messages = client.receive() else { return loseLogger() }
        if !logger.isLifelineWatched, let lifeline = client.lifeline {
            logger.isLifelineWatched = poller.add(lifeline.descriptor, .logger(logger.source))
        }
        if !messages.isEmpty { logger.watch.heard() }
        for message in messages { take(message) }
        // It was killed while a file system does not answer: nothing else tells that before it does.
        if client.isDead, logger.client === client { loseLogger() }
    }

    /// What waits to be sent to it goes when there is room.
    func flushLogger() {
        guard let client = logger.client, client.awaitsWriting != logger.awaitsWriting else { return }
        logger.awaitsWriting = client.awaitsWriting
        let events = Poller.readable | (logger.awaitsWriting ? Poller.writable : 0)
        poller.change(client.descriptor, .logger(logger.source), events: events)
    }

    func loseLogger() {
        if case .starting(let started) = logger.step { poller.remove(started.ready.descriptor) }
        if let client = logger.client {
            poller.remove(client.descriptor)
            if let lifeline = client.lifeline { poller.remove(lifeline.descriptor) }
            if client.isDead { logger.awaitEnd(of: client.pid) }
        }
        logger.lost()
        streams.lostAll()
    }

    private func take(_ message: LoggerMessage) {
        switch message {
        case .listed(let entries, let isLast): takeList(entries, isLast)
        case .ended(let number, _, _): ended(number)
        case .refused(let number, let code, let reason):
            if !takeAgain(number, code) { refused(number, code, reason) }
        case .fault(let number, let text): note(number, text)
        case .dropped(let number, let lines):
            note(number, "lacks \(lines) \(lines == 1 ? "line" : "lines") that could not be written")
        case .surprise(let number, _, let what): note(number, what.clause)
        case .settled(let number, _): settled(number)
        case .cleared(let path, let problem): tellNewest([.cleared(path: path, problem: problem)])
        case .taken(let number): taken(number)
        case .welcome: break
        }
    }

    private func takeList(_ page: [StreamEntry], _ isLast: Bool) {
        guard case .listing(let client, let before) = logger.step else { return }
        let entries = before + page
        guard isLast else {
            logger.step = .listing(client, entries)
            if let last = page.last, client.send(.list(after: last.stream)) { return }
            return loseLogger()
        }
        logger.step = .connected(client)
        logger.serves()
        tellLoggerFault()
        for entry in entries {
            if let known = streams[entry.stream], known.path == entry.path, !entry.isEnded,
                !isAnother(entry, than: known)
            {
                streams.took(known.number)
                tellAttempt(known.number)
                continue
            }
            let own = streams[path: entry.path]
            if entry.isEnded {
                if !client.send(.forget(stream: entry.stream)) { return loseLogger() }
            } else if let own, isAnother(entry, than: own) {
                // It has no writers any more, in general, and is read to its end.
                inTheWay[entry.path] = entry.stream
            } else if let own, !own.isTaken {
                tellAttempt(streams.renumber(own.number, to: entry.stream))
            }
        }
        for stream in streams.untaken {
            if stream.reader == nil { dropStream(stream.number) } else { send(stream, to: client) }
        }
        if isRestored { restored() }
        askToSettle()
        askToClear()
    }

    /// Another pipe is read for a stream's log, and somebody writes into it: this one matters more. False where there is none.
    private func takeAgain(_ number: UInt64, _ code: LoggerMessage.Refusal) -> Bool {
        guard code == .takenPath, let stream = streams[number], let other = inTheWay.removeValue(forKey: stream.path),
            case .connected(let client) = logger.step
        else { return false }
        streams.refused(number)
        if streams[other] != nil {
            dropStream(other)
        } else if !client.send(.forget(stream: other)) {
            loseLogger()
            return true
        }
        handOver([number])
        return true
    }

    /// Whether the logger reads another pipe for a log than the one that its attempt has.
    private func isAnother(_ entry: StreamEntry, than own: LogStream) -> Bool {
        guard let pipe = own.reader.flatMap(LogPipe.identity) else { return false }
        return pipe != entry.pipe
    }

    func note(_ number: UInt64, _ text: String) {
        guard let stream = streams[number] else { return }
        tellNewest([.logged(attempt: stream.attempt, path: stream.path, text: text)])
    }

    /// Tells a client that knows of logs.
    func tellNewest(_ messages: [KeeperMessage]) { if agreedVersion >= 4 { say(messages) } }
}
