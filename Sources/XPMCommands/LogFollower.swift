import ArgumentParser
import Glibc
import XPMClient
import XPMProtocol

/// Follows logs by long polls, one connection and thread for each; a restart of xpmd is waited out.
struct LogFollower: Sendable {
    var service: ServiceIdentity
    /// How many lines to begin with.
    var lines: Int
    /// Whether two logs share the terminal: then an unfinished line is held until its end comes.
    var isInterleaved: Bool
    var connect: @Sendable () throws(WireError) -> Connection

    /// Seconds for which the daemon may hold one request.
    private static let poll = 30.0

    /// Follows until an error: of the first log on this thread, of a second one on its own.
    func run(_ streams: [ServiceLogs.Stream]) throws {
        for stream in streams.dropFirst() {
            Thread.start {
                do { try follow(stream) } catch let error as WireError {
                    Failure.report(error)
                    Glibc.exit(error.code.exitCode)
                } catch { Glibc.exit(ExitCode.failure.rawValue) }
            }
        }
        if let stream = streams.first { try follow(stream) }
    }

    private func follow(_ stream: ServiceLogs.Stream) throws {
        let write = LogOutput().following()
        var pieces = LinePieces(holdsUnfinished: isInterleaved)
        var backoff = Backoff()
        var next: Int64?
        var connection: Connection?
        while true {
            do {
                let open = try connection ?? connect()
                connection = open
                let reference = ServiceReference(service)
                let log = try open.call(
                    next.map { ServiceLogs(reference, stream: stream, offset: $0, waitSeconds: Self.poll) }
                        ?? ServiceLogs(reference, stream: stream, lines: lines))
                next = log.next
                backoff.reset()
                let ready = log.text.isEmpty ? pieces.flush() : pieces.add(log.text)
                if !ready.isEmpty { try write(ready) }
            } catch let error as WireError where EventReader.isTransient(error) {
                connection = nil
                Pause.of(backoff.next())
            }
        }
    }
}

/// Keeps the lines of two logs whole where they are printed to one place.
struct LinePieces {
    private let holdsUnfinished: Bool
    private var held = ""

    init(holdsUnfinished: Bool) { self.holdsUnfinished = holdsUnfinished }

    /// What can be printed once `text` has come.
    mutating func add(_ text: String) -> String {
        guard holdsUnfinished else { return text }
        let all = held + text
        guard let end = all.unicodeScalars.lastIndex(of: "\n") else {
            held = all
            return ""
        }
        let behind = all.unicodeScalars.index(after: end)
        held = String(all.unicodeScalars[behind...])
        return String(all.unicodeScalars[..<behind])
    }

    /// What was held, when nothing came for a while: a prompt has no line end.
    mutating func flush() -> String {
        defer { held = "" }
        return held
    }
}
