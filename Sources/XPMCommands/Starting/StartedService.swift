import ArgumentParser
import XPMClient
import XPMProtocol

/// What happens after services were asked to run: the wait, and the URL or the reason why not, of each as it comes.
struct StartedService {
    var output: OutputFormat
    var wait: WaitOptions

    /// Seconds for which a service that says nothing of its readiness has to have run before its start counts as good.
    private static let steadySeconds = 1.0

    /// Prints the URLs on standard output, or the records as JSON.
    func finish(_ members: [Member], in batch: Batch) throws {
        if wait.noWait {
            return try batch.ask(members, { GetService($0) }) { _, reply in try show(reply.service, in: batch) }
        }
        let awaited = ServiceWait(goal: .running, timeout: wait.timeout, steady: Self.steadySeconds) { services in
            "xpmctl: \(services.sentence("is", "are")) still starting; `xpmctl wait \(services.typed)` keeps waiting"
        }
        try awaited.run(members, on: batch.session) { member, result in
            try batch.attempt(member.index) {
                do { try show(result.get(), in: batch) } catch let error as WireError where error.code == .startFailed {
                    try fail(error, member.service, in: batch)
                }
            }
        }
    }

    private func show(_ service: ServiceRecord, in batch: Batch) throws {
        switch output {
        case .json: try StandardOutput.writeJSON(service)
        case .table:
            let pid = service.pid.map { ", pid \($0)" } ?? ""
            StandardError.line("\(service.identity.fullName): \(service.state.rawValue)\(pid)")
            if let url = service.url { try URLLine(batch).show(url, of: service) }
        }
    }

    private func fail(_ error: WireError, _ reference: ServiceReference, in batch: Batch) throws -> Never {
        let connection = batch.aside
        let service = error.service ?? (try? connection?.call(GetService(reference)))?.service
        var text = "xpmctl: \(Sanitizer.line(error.message))\n"
        if let service, let connection {
            text += FailedStart.details(service, said: error.message, on: connection)
        }
        if let hint = service.flatMap(StartAdvice.hint) { text += "hint: \(hint)\n" }
        let typed = ShellWord.quoted(service?.identity.fullName ?? reference.description)
        text += "hint: `xpmctl why \(Sanitizer.line(typed))` shows what happened\n"
        StandardError.write(text)
        throw ExitCode(error.code.exitCode)
    }
}
