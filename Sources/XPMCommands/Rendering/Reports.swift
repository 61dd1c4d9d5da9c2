import XPMProtocol

extension RetryReport {
    /// `retrying in 4 s, attempt 3 of 5`.
    func text(now: Timestamp) -> String {
        let left = (at.milliseconds - now.milliseconds + 999) / 1000
        let when = left > 0 ? "in \(Span.text(seconds: Double(left)))" : "now"
        return "retrying \(when), \(attempt)"
    }

    /// `attempt 3 of 5`.
    var attempt: String { limit.map { "attempt \(number) of \($0)" } ?? "attempt \(number)" }
}

extension ServiceRecord {
    /// What it waits for, and when its time is over if it has asked for more.
    func awaited(now: Timestamp) -> String? {
        guard let waitingFor else { return nil }
        guard let deadline else { return waitingFor }
        let left = Span.text(seconds: Double(max(0, deadline.milliseconds.clampedDifference(now.milliseconds))) / 1000)
        return "\(waitingFor) (it asked for more time; \(state == .stopping ? "SIGKILL" : "it fails") in \(left))"
    }
}

extension FailureReport {
    /// `exited with code 1, 5 min ago`.
    func text(now: Timestamp) -> String { "\(error), \(Age.text(since: at, now: now)) ago" }
}

/// What is said of a process in state T.
enum SuspendedText {
    static let short = "suspended by a signal"
    static let hint = "SIGCONT resumes it"
}

extension HealthReport {
    /// `2 checks failed: connection refused`, and why no check can be made; nil for a healthy service.
    var complaint: String? {
        let complaints = [failureText, notChecked].compactMap(\.self)
        return complaints.isEmpty ? nil : complaints.joined(separator: "; ")
    }

    private var failureText: String? {
        guard failures > 0 else { return nil }
        guard let error, error.hasPrefix("health check ") else {
            return (failures == 1 ? "a health check failed" : "\(failures) health checks failed in a row")
                + (error.map { ": \($0)" } ?? "")
        }
        // It says already what failed.
        return failures == 1 ? error : "\(error) (\(failures) in a row)"
    }

    /// The same for a page, where a healthy service says so.
    func text(now: Timestamp) -> String {
        "\(complaint ?? "healthy"), \(notChecked == nil ? "checked" : "tried") \(Age.text(since: at, now: now)) ago"
    }
}

extension UsageReport {
    /// `412 MiB`.
    var memory: String? { memoryBytes.map(Size.text) }

    /// `2 min 3 s` of processor time.
    var cpu: String? { cpuSeconds.map { Span.text(seconds: $0) } }
}

/// When a service sleeps, for people.
extension ServiceRecord {
    /// `asleep: it was stopped because it was idle`, or when it will be; nil for one that never sleeps.
    func idleText(now: Timestamp) -> String? {
        if isAsleep { return "asleep since it was idle; a visit or a start wakes it" }
        guard let idle else { return nil }
        let woken = idle.wokenBy.map { " (\($0))" } ?? ""
        guard state == .running, let sleepsAt = idle.sleepsAt else {
            return "sleeps after \(Span.text(seconds: idle.afterSeconds)) without traffic\(woken)"
        }
        let left = max(0, sleepsAt.milliseconds.clampedDifference(now.milliseconds) + 999) / 1000
        return "sleeps in \(Span.text(seconds: Double(left))) without traffic\(woken)"
    }
}
