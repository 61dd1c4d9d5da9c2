import Glibc
import NIOCore
import XPMControl
import XPMLogs
import XPMProtocol

/// One request for what follows a place in a log: answered when there is something, or when its time is over.
final class LogFollowing {
    typealias Answer = (Result<[UInt8], any Error>) -> Void

    private let reading: any LogReading
    /// Under which it is read, and which it is told of.
    private let path: String
    private let loop: any EventLoop
    private let responder: Responder
    private var cursor: LogCursor?
    private var wait: Waits.Wait?
    private var answer: Answer?
    private var watch: LogWatch?
    private var timeout: Scheduled<Void>?
    private var isReading = false
    private var hasChanged = false
    private var isOver = false

    /// One can follow a log before there is a file; `making` makes its folder where that can be. Throws where too many wait. It is kept
    /// alive by what it waits for.
    init(
        _ reading: any LogReading, path: String, making: LogPaths?, atMost time: Duration, files: FileWatch,
        loop: any EventLoop, waits: Waits, responder: Responder, answer: @escaping Answer
    ) throws(WireError) {
        self.reading = reading
        self.path = path
        self.loop = loop
        self.responder = responder
        self.answer = answer
        cursor = reading.start
        wait = try waits.begin(responder) { [weak self] in self?.end() }
        timeout = loop.assumeIsolated().scheduleTask(in: TimeAmount(time)) { [self] in
            isOver = true
            read()
        }
        isReading = true
        let (reader, cursor) = (reading.reader, cursor)
        // A look first, for to watch a file is to go the way to it, which may block the loop.
        Workers.logs.run(.path(path), on: loop, within: LogPatience.time) {
            Trail.at(path)
            if access(path, F_OK) != 0 { try? making?.makeFolders() }
            return LogWatch.Places(of: reader, from: cursor)
        }
        .assumeIsolated()
        .whenComplete { [self] outcome in
            isReading = false
            guard self.answer != nil else { return }
            switch outcome {
            case .failure(let fault): take(.failure(fault))
            case .success(let places):
                // Watched before it is read, so that nothing can come between.
                watch = LogWatch(places, files) { [weak self] in
                    self?.hasChanged = true
                    self?.read()
                }
                read()
            }
        }
    }

    private func read() {
        guard !isReading, answer != nil else { return }
        (isReading, hasChanged) = (true, false)
        responder.withRoom(for: LogPatience.room) { [self] in
            Workers.logs.run(.path(path), on: loop, within: LogPatience.time) { [reading, cursor, path] in
                Trail.at(path)
                return try EncodedFinding(reading.read(cursor))
            }
            .assumeIsolated()
            .whenComplete { [self] in take($0) }
        }
    }

    private func take(_ result: Result<EncodedFinding, any Error>) {
        isReading = false
        // A rotation changes the files too, and adds nothing to the log.
        if case .success(let finding) = result, finding.isEmpty, !isOver {
            cursor = finding.cursor
            responder.standAside()
            if hasChanged || finding.more { read() }
            return
        }
        let answer = answer
        end()
        answer?(result.map(\.reply))
    }

    /// It is answered, or nobody waits for that any more.
    private func end() {
        watch?.cancel()
        watch = nil
        timeout?.cancel()
        timeout = nil
        answer = nil
        wait?.end()
        wait = nil
    }
}

/// What one look at a log may take.
enum LogPatience {
    /// As how many bytes a piece of a log counts before it is read: a few are read at once for one client.
    static let room = 64 << 10
    /// How long it may take to read a piece, until the file system counts as one that does not answer.
    static let time = TimeAmount.seconds(10)
}
