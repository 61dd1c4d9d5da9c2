import Logging
import NIOCore
import XPMLogs
import XPMProtocol
import XPMSupervision

/// A failure that a service's own command is to be told of.
struct FailureNotice {
    var arguments: [String]
    var setting: CommandSetting
    /// The logs whose tail it is told, the first that has one, and where the attempt's part of each begins.
    var logs: [(path: String, start: Int64)]
}

/// Commands that services have run when they fail. They delay nothing: the restart comes when it is due.
extension Supervisor {
    /// How long one may take.
    private static let failureCommandTime = Duration.seconds(60)
    /// How many of one service may run at a time: one that hangs must not fill the machine.
    private static let failureCommandLimit = 4
    /// How many lines of the log it is told, within the limit of a variable.
    private static let toldLines = 20

    /// What is to be told of the decision just made; nil where it is no failure, or nobody wants to know.
    func failureNotice(of entry: ServiceEntry, after effects: [Effect]) -> FailureNotice? {
        let hasFailed = effects.contains { if case .record(.failed) = $0 { true } else { false } }
        // One that fails and is ended for it is told of when it has ended.
        guard hasFailed, ServiceState(entry.machine.phase) == .error, !isEnding, !entry.isRemoved,
            let arguments = entry.failureCommand
        else { return nil }
        var setting = setting(for: entry)
        setting.names["XPM_FAILURE_CAUSE"] = EnvironmentText.bounded(entry.runtime.error ?? "it failed")
        setting.names["XPM_FAILURE_EXIT"] = entry.runtime.exit?.word
        setting.names["XPM_FAILURE_RESTARTS"] = String(entry.runtime.restartCount ?? 0)
        let logs = [ServiceLogs.Stream.stderr, .stdout].compactMap { stream in
            entry.log(stream).map { (path: $0, start: entry.logStart(stream)) }
        }
        return FailureNotice(
            arguments: arguments, setting: setting, logs: entry.plan.log.target == .journal ? [] : logs)
    }

    /// Runs the command.
    func tell(_ notice: FailureNotice, of entry: ServiceEntry) {
        guard entry.failureCommands < Self.failureCommandLimit else {
            return noteFailureCommand("was not run: \(Self.failureCommandLimit) of them are still running", of: entry)
        }
        entry.failureCommands += 1
        // Its last words may still be on their way.
        settleLogs(of: entry) { [weak self, weak entry] in
            if let self, let entry { run(notice, of: entry) }
        }
    }

    private func run(_ notice: FailureNotice, of entry: ServiceEntry) {
        let logs = entry.isHosted ? nil : entry.logs
        let output = entry.commandOutput
        // A log that does not answer is not waited for: the command matters more.
        Workers.logs.run(.path(entry.logs.stderr), on: loop, within: lookTime) {
            (Self.tail(of: notice.logs), hasLogs: logs.map { (try? $0.prepare()) != nil } ?? false)
        }
        .assumeIsolated()
        .whenComplete { [weak self, weak entry] result in
            guard let self, let entry else { return }
            var setting = notice.setting
            let (tail, hasLogs) = (try? result.get()) ?? ("", hasLogs: false)
            setting.names["XPM_FAILURE_LOG"] = tail
            _ = commands.run(
                notice.arguments, setting, output: hasLogs ? output : .discarded,
                within: Self.failureCommandTime
            ) { [weak self, weak entry] outcome in
                guard let self, let entry else { return }
                entry.failureCommands -= 1
                if let fault = outcome.fault { noteFailureCommand("failed: \(fault)", of: entry) }
            }
        }
    }

    private func noteFailureCommand(_ what: String, of entry: ServiceEntry) {
        note("its on-failure command \(what)", of: entry)
        tell(of: entry, cause: "its on-failure command \(what)")
    }

    /// The last lines of the first log that has any.
    private static func tail(of logs: [(path: String, start: Int64)]) -> String {
        for (path, start) in logs {
            let query = LogQuery(lines: toldLines, givesUnfinished: true, byteLimit: EnvironmentText.limit)
            guard var page = try? LogReader(stdout: path, stderr: nil).page(query) else { continue }
            while page.more, let next = try? LogReader(stdout: path, stderr: nil).page(query.after(page)) {
                page = next
            }
            page.entries.removeAll { $0.position < UInt64(clamping: start) }
            guard !page.entries.isEmpty else { continue }
            let bytes = page.entries.flatMap { page.text(of: $0) }
            let text = String(decoding: bytes.suffix(EnvironmentText.limit), as: UTF8.self)
            return EnvironmentText.bounded(text.hasSuffix("\n") ? String(text.dropLast()) : text)
        }
        return ""
    }
}

extension ServiceEntry {
    /// Where its own commands write.
    var commandOutput: AuxiliaryCommands.Output {
        AuxiliaryCommands.Output(path: logs.stderr, rotation: runtime.isPiped == true ? plan.log.rotation : nil)
    }

    /// Its own command, or that of the composite that it is a part of. A template that has gone says nothing of it any more.
    fileprivate var failureCommand: [String]? {
        plan.failureCommand ?? definition.onFailure
            ?? (parent.flatMap { $0.isComposite ? $0.plan.failureCommand : nil })
    }
}
