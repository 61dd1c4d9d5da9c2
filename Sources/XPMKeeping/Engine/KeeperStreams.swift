import Glibc
import XPMLogs

/// What attempts write goes through pipes, which the logger reads. The keeper makes them, and keeps their ends until they are read to
/// the end: the logger may be killed and started again as it pleases.
extension Keeper {
    /// Descriptors for a new process; they are closed with it in hand.
    struct StreamEnds {
        var output: OpenFile
        /// The same one where both go into one log.
        var error: OpenFile
        var streams: [UInt64]
    }

    /// Makes the pipes of an attempt, or lets it write into those that go into the same logs already.
    func openStreams(for order: SpawnOrder, _ policy: RotationPolicy) throws(LogFileError) -> StreamEnds {
        var made: [UInt64] = []
        do throws(LogFileError) {
            let output = try openStream(order.attempt, order.standardOutput, policy, &made)
            let isShared = order.standardError == order.standardOutput
            let error = isShared ? output : try openStream(order.attempt, order.standardError, policy, &made)
            return StreamEnds(output: output, error: error, streams: made)
        } catch {
            for number in made { dropStream(number) }
            throw error
        }
    }

    private func openStream(
        _ attempt: UInt64, _ path: String, _ policy: RotationPolicy, _ made: inout [UInt64]
    ) throws(LogFileError) -> OpenFile {
        if let known = streams[path: path] {
            // Another one of the service's commands, or what is left of an attempt before.
            if let reader = known.reader, table[known.attempt].map({ !$0.isEmptied }) ?? false {
                return try LogPipe.writer(beside: reader)
            }
            dropStream(known.number)
        }
        let pipe = try LogPipe()
        let stream = streams.add(
            attempt, began: Int64(clamping: Clocks.wall &* 1000), path: path, policy: policy, reader: pipe.reader)
        made.append(stream.number)
        return pipe.writer
    }

    /// The process of new streams runs: the logger reads them from now on.
    func handOver(_ numbers: [UInt64]) {
        guard !numbers.isEmpty else { return }
        guard case .connected(let client) = logger.step else { return wakeLogger() }
        for number in numbers { if let stream = streams[number] { send(stream, to: client) } }
    }

    private func send(_ stream: LogStream, to client: LoggerClient) {
        guard let reader = stream.reader else { return }
        guard client.send(.take(stream.order), reader) else { return loseLogger() }
        streams.took(stream.number)
    }

    /// Nobody writes into it any more, or nobody wants to know.
    func dropStream(_ number: UInt64) {
        guard let stream = streams[number] else { return }
        streams.remove(number)
        if stream.isTaken, case .connected(let client) = logger.step, !client.send(.forget(stream: number)) {
            loseLogger()
        }
        answerSettled()
    }

    /// An earlier keeper's attempt goes on: its pipes are those that the logger has, or its main process.
    func adoptStreams(_ attempt: UInt64, _ order: AdoptOrder) {
        guard let policy = order.rotation else { return }
        for path in Set([order.standardOutput, order.standardError]).sorted() where streams[path: path] == nil {
            let stream = streams.add(
                attempt, began: Int64(clamping: Clocks.wall &* 1000), path: path, policy: policy, reader: nil)
            let descriptor: Int32 = path == order.standardOutput ? STDOUT_FILENO : STDERR_FILENO
            do throws(LogFileError) {
                streams.found(try LogPipe.reopen(pid: order.pid, descriptor: descriptor), of: stream.number)
            } catch {
                // It may have closed it, or its main process is gone: only the logger can know it still.
                KeeperLog.write("attempt \(attempt): \(error)")
            }
        }
        if case .connected = logger.step { relist() } else { wakeLogger() }
    }

    // MARK: The logger

    /// Starts to find a logger, where there is anything for it to read.
    func wakeLogger() {
        guard logger.isAbsent, !streams.isEmpty, logger.due == nil || logger.due ?? 0 <= Clocks.monotonic else {
            return
        }
        guard logger.begin() else { return }
        watchLogger()
    }

    private func watchLogger() {
        logger.source = nextNumber()
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
    private func relist() {
        guard case .connected(let client) = logger.step else { return }
        logger.step = .listing(client, [])
        if !client.send(.list(after: 0)) { loseLogger() }
    }

    func hearLogger(_ source: UInt64) {
        guard source == logger.source else { return }
        if case .starting(let started) = logger.step {
            poller.remove(started.ready.descriptor)
            if logger.becameReady() { watchLogger() }
            return
        }
        guard let client = logger.client else { return }
        guard client.flush(), let messages = client.receive() else { return loseLogger() }
        for message in messages { take(message) }
    }

    /// What waits to be sent to it goes when there is room.
    func flushLogger() {
        guard let client = logger.client, client.awaitsWriting != logger.awaitsWriting else { return }
        logger.awaitsWriting = client.awaitsWriting
        let events = Poller.readable | (logger.awaitsWriting ? Poller.writable : 0)
        poller.change(client.descriptor, .logger(logger.source), events: events)
    }

    func loseLogger() {
        if let client = logger.client { poller.remove(client.descriptor) }
        logger.lost()
        streams.lostAll()
    }

    private func take(_ message: LoggerMessage) {
        switch message {
        case .listed(let entries, let isLast): takeList(entries, isLast)
        case .ended(let number, _, _): dropStream(number)
        case .refused(let number, _, let reason): note(number, "is not read: \(reason)")
        case .fault(let number, let text): note(number, text)
        case .dropped(let number, let lines): note(number, "\(lines) lines were dropped")
        case .surprise(let number, _, let what): note(number, "\(what)")
        case .settled(let number, _): settled(number)
        case .cleared(let path, let problem): tellNewest([.cleared(path: path, problem: problem)])
        case .welcome, .taken: break
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
        for entry in entries {
            let own = streams[path: entry.path]
            if entry.isEnded || own.map({ isAnother(entry, than: $0) }) ?? false {
                if !client.send(.forget(stream: entry.stream)) { return loseLogger() }
            } else if let own, !own.isTaken {
                streams.renumber(own.number, to: entry.stream)
            }
        }
        for stream in streams.untaken {
            if stream.reader == nil { dropStream(stream.number) } else { send(stream, to: client) }
        }
        if isRestored { restored() }
        askToSettle()
    }

    /// Whether the logger reads another pipe for a log than the one that its attempt has.
    private func isAnother(_ entry: StreamEntry, than own: LogStream) -> Bool {
        guard let reader = own.reader, let facts = FileFacts(descriptor: reader.descriptor) else { return false }
        return facts.inode != entry.pipe
    }

    private func note(_ number: UInt64, _ text: String) {
        guard let stream = streams[number] else { return }
        tellNewest([.logged(attempt: stream.attempt, path: stream.path, text: text)])
    }

    /// Tells a client that knows of logs.
    private func tellNewest(_ messages: [KeeperMessage]) { if agreedVersion >= 4 { say(messages) } }

    // MARK: What is asked for

    /// All leftovers of earlier keepers have been handed over.
    func restored() {
        // The next logger is to know it, too.
        isRestored = true
        if case .connected(let client) = logger.step, !client.send(.restored) { loseLogger() }
    }

    func clearLog(_ path: String) {
        guard case .connected(let client) = logger.step, client.send(.clear(path: path)) else {
            return tellNewest([.cleared(path: path, problem: "the logger is not there")])
        }
    }

    /// Tells when all that an attempt has written by now is in its logs.
    func settle(_ attempt: UInt64) {
        settling[attempt] = Set(streams.of(attempt).map(\.number))
        if case .connected(let client) = logger.step {
            for number in settling[attempt] ?? [] where !client.send(.settle(stream: number)) { return loseLogger() }
        } else {
            wakeLogger()
        }
        answerSettled()
    }

    private func askToSettle() {
        guard case .connected(let client) = logger.step else { return }
        for number in Set(settling.values.joined()) where !client.send(.settle(stream: number)) { return loseLogger() }
    }

    private func settled(_ number: UInt64) {
        for attempt in settling.keys { settling[attempt]?.remove(number) }
        answerSettled()
    }

    private func answerSettled() {
        for (attempt, numbers) in settling where numbers.allSatisfy({ streams[$0] == nil }) {
            settling[attempt] = nil
            tellNewest([.settled(attempt: attempt)])
        }
    }
}
