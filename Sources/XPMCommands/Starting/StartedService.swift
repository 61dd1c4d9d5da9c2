import ArgumentParser
import XPMClient
import XPMProtocol

/// What happens after a service was asked to run: the wait, and the URL or the reason why not.
struct StartedService {
    var output: OutputFormat
    var wait: WaitOptions

    /// Prints the URL alone on standard output, or the record as JSON; ends with the exit code of the failure.
    func finish(_ identity: ServiceIdentity, on connection: Connection) throws {
        let reference = ServiceReference(identity)
        if wait.noWait {
            return try show(try connection.call(GetService(reference)).service)
        }
        Interruption.say(
            "xpmctl: \(identity.fullName) goes on starting; `xpmctl wait \(identity.typedName)` waits again")
        do {
            try show(try ServiceWait(goal: .running, timeout: wait.timeout).run(reference, on: connection))
        } catch let error as WireError where error.code == .startFailed {
            try fail(error, reference, on: connection)
        }
    }

    private func show(_ service: ServiceRecord) throws {
        switch output {
        case .json: try StandardOutput.writeJSON(service)
        case .table:
            let pid = service.pid.map { ", pid \($0)" } ?? ""
            StandardError.line("\(service.identity.fullName): \(service.state.rawValue)\(pid)")
            if let url = service.url { try StandardOutput.write(Sanitizer.line(url) + "\n") }
        }
    }

    private func fail(_ error: WireError, _ reference: ServiceReference, on connection: Connection) throws -> Never {
        let service = error.service ?? (try? connection.call(GetService(reference)))?.service
        var text = "xpmctl: \(Sanitizer.line(error.message))\n"
        if let service { text += FailedStart.details(service, said: error.message, on: connection) }
        if let hint = service.flatMap(StartAdvice.hint) { text += "hint: \(hint)\n" }
        let typed = ShellWord.quoted(service?.identity.fullName ?? reference.description)
        text += "hint: `xpmctl why \(Sanitizer.line(typed))` tells what happened\n"
        StandardError.write(text)
        throw ExitCode(error.code.exitCode)
    }
}
