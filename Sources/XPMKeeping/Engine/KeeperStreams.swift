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
        /// Of the terminal that both are; nil for pipes.
        var master: OpenFile?
        var streams: [UInt64]
    }

    /// In place of a log: nobody reads what goes there.
    private static var discarded: String { "/dev/null" }

    private static func openDiscarded() throws(LogFileError) -> OpenFile {
        let descriptor = open(discarded, O_RDWR | O_CLOEXEC)
        guard descriptor >= 0 else { throw LogFileError(cannot: "open \(discarded)", errno) }
        return OpenFile(descriptor)
    }

    /// Makes the pipes of an attempt, or its terminal, or lets it write into what goes into the same logs already.
    func openStreams(
        for order: SpawnOrder, _ policy: RotationPolicy, _ terminal: TerminalSize?
    ) throws(LogFileError) -> StreamEnds {
        var made: [UInt64] = []
        do throws(LogFileError) {
            let output = try openStream(order.attempt, order.standardOutput, policy, terminal, &made)
            let isShared = terminal != nil || order.standardError == order.standardOutput
            let error = isShared ? output : try openStream(order.attempt, order.standardError, policy, nil, &made)
            let stream = streams[path: order.standardOutput]
            let master = isShared && stream?.isTerminal == true ? stream?.reader : nil
            return StreamEnds(output: output, error: error, master: master, streams: made)
        } catch {
            for number in made { dropStream(number) }
            throw error
        }
    }

    private func openStream(
        _ attempt: UInt64, _ path: String, _ policy: RotationPolicy, _ terminal: TerminalSize?,
        _ made: inout [UInt64]
    ) throws(LogFileError) -> OpenFile {
        guard path != Self.discarded else { return try Self.openDiscarded() }
        if let known = streams[path: path] {
            if let end = try end(beside: known) {
                join(known, attempt, policy)
                return end
            }
            // It is read to its end before this one, if it has one.
            if known.isTaken { inTheWay[path] = known.number }
            if known.reader == nil, !known.isTaken { dropStream(known.number) }
        }
        let (reader, end): (OpenFile, OpenFile)
        if let terminal {
            let made = try LogTerminal(terminal)
            (reader, end) = (made.master, made.terminal)
        } else {
            let pipe = try LogPipe()
            (reader, end) = (pipe.reader, pipe.writer)
        }
        let stream = streams.add(
            attempt, began: Self.wallMicroseconds, path: path, policy: policy, reader: reader,
            isTerminal: terminal != nil)
        made.append(stream.number)
        return end
    }

    private static var wallMicroseconds: Int64 { Int64(clamping: Clocks.wall &* 1000) }

    /// One more end of what goes into a log already, as long as others write into it.
    private func end(beside known: LogStream) throws(LogFileError) -> OpenFile? {
        guard let reader = known.reader, !LogPipe.isHungUp(reader) else { return nil }
        return known.isTerminal ? try LogTerminal.end(of: reader) : try LogPipe.writer(beside: reader)
    }

    /// An attempt, or a command, goes on in a stream: what comes from now on is the attempt's.
    private func join(_ stream: LogStream, _ attempt: UInt64, _ policy: RotationPolicy) {
        streams.join(
            stream.number, attempt, began: Self.wallMicroseconds, policy: policy,
            isGone: { self.table[$0]?.isEmptied ?? true })
        guard !KeeperProtocol.isCommand(attempt) else { return }
        tellAttempt(stream.number)
    }

    func tellAttempt(_ number: UInt64) {
        guard let stream = streams[number], stream.isTaken, stream.begin.attempt > 0, let client = logger.client else {
            return
        }
        if !client.send(.begin(stream.begin)) { loseLogger() }
    }

    /// The process of new streams runs: the logger reads them from now on.
    func handOver(_ numbers: [UInt64]) {
        guard !numbers.isEmpty else { return }
        guard case .connected(let client) = logger.step else { return wakeLogger() }
        for number in numbers {
            if let stream = streams[number] { send(stream, to: client) }
        }
    }

    func send(_ stream: LogStream, to client: LoggerClient) {
        guard let reader = stream.reader, !waitsForOlder(stream) else { return }
        logger.watch.asked(at: Clocks.monotonic)
        guard client.send(.take(stream.order), reader) else { return loseLogger() }
        streams.took(stream.number)
    }

    /// Nobody writes into it any more, or nobody wants to know.
    func dropStream(_ number: UInt64) {
        guard let stream = streams[number] else { return }
        streams.remove(number)
        _ = refusals.remove(number)
        if stream.isTaken, case .connected(let client) = logger.step, !client.send(.forget(stream: number)) {
            loseLogger()
        }
        answerSettled()
    }

    /// The logger has read a stream to its end. Where a process got an end of it meanwhile, it goes on.
    func ended(_ number: UInt64) {
        guard let stream = streams[number] else {
            // An earlier keeper's.
            if let client = logger.client, !client.send(.forget(stream: number)) { loseLogger() }
            return
        }
        if let reader = stream.reader, stream.hasNews || !LogPipe.isHungUp(reader) {
            let renewed = streams.renumber(number)
            if let client = logger.client, !client.send(.forget(stream: number)) { return loseLogger() }
            for attempt in settling.keys where settling[attempt]?.remove(number) != nil {
                settling[attempt]?.insert(renewed)
            }
            handOver([renewed])
            askToSettle()
        } else {
            dropStream(number)
        }
        offerNext()
    }

    /// An earlier keeper's attempt goes on: its pipes are those that the logger has, or its main process.
    func adoptStreams(_ attempt: UInt64, _ order: AdoptOrder) {
        guard let policy = order.rotation else { return }
        let paths = order.hasTerminal ? [order.standardOutput] : [order.standardOutput, order.standardError]
        for path in Set(paths).subtracting([Self.discarded]).sorted() {
            if let known = streams[path: path] {
                if attempt > known.attempt || KeeperProtocol.isCommand(known.attempt) { join(known, attempt, policy) }
                continue
            }
            let stream = streams.add(
                attempt, began: Self.wallMicroseconds, path: path, policy: policy, reader: nil)
            let descriptor: Int32 = path == order.standardOutput ? STDOUT_FILENO : STDERR_FILENO
            do throws(LogFileError) {
                let (reader, isTerminal) = try reopen(order, descriptor)
                streams.found(reader, of: stream.number, isTerminal: isTerminal)
            } catch {
                // It may have closed it, or its main process is gone: only the logger can know it still.
                KeeperLog.write("attempt \(attempt): \(error)")
            }
        }
        if case .connected = logger.step { relist() } else { wakeLogger() }
    }

    /// The end to read, and whether it is a terminal's: from the main process, or another one where that has it no more.
    private func reopen(_ order: AdoptOrder, _ descriptor: Int32) throws(LogFileError) -> (OpenFile, Bool) {
        do throws(LogFileError) {
            return try reopen(order.pid, descriptor, order.hasTerminal)
        } catch {
            for process in ProcessFiles.all() where !process.isGone && isMarked(process.pid, order.marker) {
                if let found = try? reopen(process.pid, descriptor, order.hasTerminal) { return found }
            }
            throw error
        }
    }

    private func isMarked(_ pid: Int32, _ marker: String) -> Bool {
        !marker.isEmpty && ProcessFiles.environment(of: pid).contains { $0.elementsEqual(marker.utf8) }
    }

    private func reopen(_ pid: Int32, _ descriptor: Int32, _ hasTerminal: Bool) throws(LogFileError) -> (OpenFile, Bool)
    {
        if hasTerminal, let master = try? LogTerminal.reopen(pid: pid, descriptor: descriptor) { return (master, true) }
        return (try LogPipe.reopen(pid: pid, descriptor: descriptor), false)
    }
}
