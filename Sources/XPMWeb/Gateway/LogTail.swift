import XPMProtocol

/// The last lines of services' logs for pages that wait: asked for once a second at most, however many pages there are.
final class LogTail {
    /// How many lines, and how many bytes of each.
    private static let (lines, bytes) = (20, 500)
    private static let freshness = Duration.seconds(1)
    /// Of how many services they are kept; of how many pages one question is.
    private static let (mostKept, mostWaiting) = (64, 1024)

    private struct Kept {
        var text: [String] = []
        var at: ContinuousClock.Instant?
        var attempt: UInt64?
        var waiting: [([String]) -> Void] = []
        var isAsked = false
    }

    private let daemon: any DaemonRequests
    private var kept: [ServiceIdentity: Kept] = [:]

    init(_ daemon: any DaemonRequests) { self.daemon = daemon }

    /// Calls `done` with the last lines of the last attempt, at once or later.
    func read(_ record: ServiceRecord, _ done: @escaping ([String]) -> Void) {
        let identity = record.identity
        guard record.attempt != nil else { return done([]) }
        let found = kept[identity] ?? Kept()
        if let at = found.at, at.duration(to: .now) < Self.freshness, found.attempt == record.attempt {
            return done(found.text)
        }
        guard found.waiting.count < Self.mostWaiting else { return done(found.text) }
        makeRoom()
        kept[identity, default: Kept()].waiting.append(done)
        guard !found.isAsked else { return }
        kept[identity]?.isAsked = true
        var question = ServiceLogs(ServiceReference(identity), streams: [.stdout, .stderr], lines: Self.lines)
        question.lastAttempt = true
        question.partial = true
        daemon.request(question) { [weak self] result in
            let page = try? result.get().page
            self?.take((page?.entries ?? []).map { Self.shown($0.text) }, of: identity, attempt: record.attempt)
        }
    }

    /// Nobody needs those of a service that is gone.
    func forget(_ identity: ServiceIdentity) {
        if kept[identity]?.isAsked == false { kept[identity] = nil }
    }

    private func take(_ text: [String], of identity: ServiceIdentity, attempt: UInt64?) {
        guard var found = kept[identity] else { return }
        let waiting = found.waiting
        (found.text, found.at, found.attempt, found.waiting, found.isAsked) = (text, .now, attempt, [], false)
        kept[identity] = found
        for done in waiting { done(text) }
    }

    private func makeRoom() {
        guard kept.count >= Self.mostKept else { return }
        kept = kept.filter { $0.value.isAsked || $0.value.at.map { $0.duration(to: .now) < Self.freshness } ?? false }
    }

    /// Without escape sequences, cut, and what a terminal would show of a line that was written over.
    private static func shown(_ line: String) -> String {
        var text: [Unicode.Scalar] = []
        var isEscape = false
        for scalar in line.unicodeScalars {
            if isEscape {
                isEscape = !(("@"..."Z").contains(scalar) || ("a"..."z").contains(scalar)) || scalar == "["
            } else if scalar == "\u{1B}" {
                isEscape = true
            } else if scalar == "\r" {
                text.removeAll(keepingCapacity: true)
            } else if scalar.value >= 0x20 || scalar == "\t" {
                text.append(scalar)
            }
            if text.count >= Self.bytes { break }
        }
        var shown = String.UnicodeScalarView()
        shown.append(contentsOf: text)
        return String(shown)
    }
}
