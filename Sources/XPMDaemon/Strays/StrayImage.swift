import Glibc
import XPMKeeping
import XPMProtocol

/// What of a stray's process makes a record for people, or a definition for a service.
struct StrayImage: Sendable {
    let process: ProcessImage
    /// Reads /proc, which may take its time where a process is stuck: not to be called on the event loop.
    init?(pid: Int32, startTime: UInt64?) {
        guard let process = ProcessImage(pid: pid, startTime: startTime) else { return nil }
        self.process = process
    }

    var marker: String? { process.value(of: "XPM_ATTEMPT").map { "XPM_ATTEMPT=\($0)" } }

    /// The service that it was started for.
    var service: ServiceIdentity? {
        guard let workspace = process.value(of: "XPM_WORKSPACE"), let experiment = process.value(of: "XPM_EXPERIMENT"),
            let run = process.value(of: "XPM_RUN"), let name = process.value(of: "XPM_SERVICE")
        else { return nil }
        let prefix = "\(experiment)@\(run):"
        guard name.hasPrefix(prefix), name.utf8.count > prefix.utf8.count else { return nil }
        return ServiceIdentity(
            run: RunIdentity(workspace: workspace, experiment: experiment, run: run),
            id: String(name.dropFirst(prefix.count)))
    }

    /// Where its output goes by way of pipes.
    var pipedLogs: LogPaths? {
        guard let stdout = process.value(of: LogPaths.stdoutName), let stderr = process.value(of: LogPaths.stderrName)
        else { return nil }
        return LogPaths(stdout: stdout, stderr: stderr)
    }

    /// Whether it has a terminal of its own for both.
    var hasTerminal: Bool {
        guard let pipedLogs else { return false }
        return pipedLogs.stdout == pipedLogs.stderr
            && process.standardOutput.map { $0.starts(with: "/dev/pts/".utf8) } ?? false
    }

    var logs: LogPaths? {
        if let pipedLogs { return pipedLogs }
        guard let output = process.standardOutput, let error = process.standardError else { return nil }
        return LogPaths(stdout: Self.shown(output), stderr: Self.shown(error))
    }

    /// Fills in what the process itself tells.
    func describe(_ record: inout StrayRecord) {
        record.since = began
        record.command = process.arguments.map(Self.shown)
        record.folder = process.folder.map(Self.shown)
        record.stdout = pipedLogs?.stdout ?? process.standardOutput.map(Self.shown)
        record.stderr = pipedLogs?.stderr ?? process.standardError.map(Self.shown)
        if let service { record.take(service) }
    }

    /// The definition of a service that would run the same again, and what of the process it cannot hold.
    func definition() throws(WireError) -> (ServiceDefinition, notes: [String]) {
        var arguments: [String] = []
        for word in process.arguments { arguments.append(try text(word, "its command")) }
        guard !arguments.isEmpty else { throw cannot("its command cannot be read") }
        guard let folder = process.folder else { throw cannot("its folder cannot be read") }
        var notes: [String] = []
        var environment: [String: String] = [:]
        for entry in process.environment {
            guard let sign = entry.firstIndex(of: UInt8(ascii: "=")), sign > 0 else { continue }
            let key = String(decoding: entry[..<sign], as: UTF8.self)
            guard CombiningMarks.areBounded(in: key),
                let text = String(validating: entry[(sign + 1)...], as: UTF8.self),
                CombiningMarks.areBounded(in: text)
            else {
                notes.append("the environment variable \(Name.quoted(key)) is not usable text and was left out")
                continue
            }
            environment[key] = text
        }
        var log: LogPolicy?
        if let logs { log = LogPolicy(stdout: logs.stdout, stderr: logs.stderr) }
        let path = try text(folder, "its folder")
        // A program may have called itself anything; its file is what runs.
        if (try? CommandLookup.find(arguments[0], path: environment["PATH"], folder: path, service: "")) == nil,
            let executable = process.executable
        {
            arguments[0] = try text(executable, "its program")
        }
        return (
            ServiceDefinition(
                run: .command(arguments), folder: path, environment: ServiceEnvironment.withoutNames(environment),
                log: log),
            notes
        )
    }

    private var began: Timestamp {
        let ticks = Int64(clamping: process.startTime)
        let milliseconds = ticks.clampedProduct(1000) / Int64(max(1, sysconf(Int32(_SC_CLK_TCK))))
        return Timestamp(
            milliseconds: Timestamp.now.milliseconds - max(0, BootClock.now.clampedDifference(milliseconds)))
    }

    private func text(_ bytes: [UInt8], _ thing: String) throws(WireError) -> String {
        guard let text = String(validating: bytes, as: UTF8.self) else { throw cannot("\(thing) is not UTF-8") }
        return text
    }

    private func cannot(_ cause: String) -> WireError {
        WireError(.conflict, "cannot adopt process \(process.pid): \(cause)")
    }

    private static func shown(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
}

extension StrayRecord {
    /// Names the service that it was started for.
    mutating func take(_ service: ServiceIdentity) {
        (workspace, experiment, run, id) = (
            service.run.workspace, service.run.experiment, service.run.run, service.id
        )
    }
}
