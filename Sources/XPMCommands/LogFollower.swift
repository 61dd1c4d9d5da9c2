import ArgumentParser
import Glibc
import XPMClient
import XPMProtocol

/// Follows logs by long polls, one connection and thread for each; a restart of xpmd is waited out.
struct LogFollower: Sendable {
    /// What to begin with, of each log.
    var first: @Sendable (ServiceLogs.Stream) -> ServiceLogs
    var printer: LogPrinter
    var connect: @Sendable () throws(WireError) -> Connection

    /// Seconds for which the daemon may hold one request.
    private static let poll = 30.0

    /// Follows until an error or a signal: the first log on this thread, a second one on its own.
    func run(_ streams: [ServiceLogs.Stream]) throws {
        // The line that a progress bar has not finished is printed all the same.
        Interruption.atSignals { [printer] in try? printer.finish() }
        for stream in streams.dropFirst() {
            Thread.start {
                do { try follow(stream) } catch let error as WireError {
                    try? printer.finish()
                    Failure.report(error)
                    Glibc.exit(error.code.exitCode)
                } catch { Glibc.exit(ExitCode.failure.rawValue) }
            }
        }
        defer { try? printer.finish() }
        if let stream = streams.first { try follow(stream) }
    }

    private func follow(_ stream: ServiceLogs.Stream) throws {
        let first = first(stream)
        var backoff = Backoff()
        var next: Int64?
        var connection: Connection?
        while true {
            do {
                let open = try connection ?? connect()
                connection = open
                var request = first
                if let next {
                    request = ServiceLogs(first.service, stream: stream, offset: next, waitSeconds: Self.poll)
                    request.timestamps = first.timestamps
                }
                let log = try open.call(request)
                next = log.next
                backoff.reset()
                try printer.add(log, of: stream)
            } catch let error as WireError where EventReader.isTransient(error) {
                connection = nil
                Thread.pause(backoff.next())
            }
        }
    }
}
