import XPMProtocol

/// The last lines of services' logs for pages that wait: asked for once a second at most, however many pages there are, and once more
/// when a service has changed, for its last words come before that.
final class LogTail {
    /// How many lines, and how many characters of each.
    private static let (lines, characters) = (20, 500)
    private static let freshness = Duration.seconds(1)
    /// Of how many services they are kept; of how many pages one question is.
    private static let (mostKept, mostWaiting) = (64, 1024)

    private struct Kept {
        var text: [String] = []
        var at: ContinuousClock.Instant?
        /// Of which state of the service they are.
        var revision: Int64?
        /// What is being asked for now.
        var asked: Int64??
        var waiting: [(record: ServiceRecord, done: ([String]) -> Void)] = []

        func isFresh(for record: ServiceRecord) -> Bool {
            guard let at, revision == record.revision else { return false }
            return at.duration(to: .now) < LogTail.freshness
        }
    }

    private let daemon: any DaemonRequests
    private var kept: [ServiceIdentity: Kept] = [:]

    init(_ daemon: any DaemonRequests) { self.daemon = daemon }

    /// Calls `done` with the last lines of the last attempt, at once or later.
    func read(_ record: ServiceRecord, _ done: @escaping ([String]) -> Void) {
        guard record.attempt != nil else { return done([]) }
        let identity = record.identity
        if let found = kept[identity], found.isFresh(for: record) || found.waiting.count >= Self.mostWaiting {
            return done(found.text)
        }
        makeRoom()
        kept[identity, default: Kept()].waiting.append((record, done))
        if kept[identity]?.asked == nil { ask(record) }
    }

    /// Nobody needs those of a service that is gone.
    func forget(_ identity: ServiceIdentity) {
        if kept[identity]?.waiting.isEmpty == true { kept[identity] = nil }
    }

    private func ask(_ record: ServiceRecord) {
        kept[record.identity]?.asked = .some(record.revision)
        var question = ServiceLogs(ServiceReference(record.identity), streams: [.stdout, .stderr], lines: Self.lines)
        question.lastAttempt = true
        question.partial = true
        daemon.request(question) { [weak self] result in
            let page = try? result.get().page
            self?.take((page?.entries ?? []).map { Self.shown($0.text) }, of: record)
        }
    }

    private func take(_ text: [String], of record: ServiceRecord) {
        guard var found = kept[record.identity] else { return }
        let isOld = { (other: ServiceRecord) in (other.revision ?? 0) <= (record.revision ?? 0) }
        let told = found.waiting.filter { isOld($0.record) }
        found.waiting.removeAll { isOld($0.record) }
        (found.text, found.at, found.revision, found.asked) = (text, .now, record.revision, nil)
        kept[record.identity] = found
        // Those who came when it had changed want to know what it said by then.
        if let next = found.waiting.last { ask(next.record) }
        for (_, done) in told { done(text) }
    }

    private func makeRoom() {
        guard kept.count >= Self.mostKept else { return }
        kept = kept.filter { !$0.value.waiting.isEmpty }
    }

    /// Without escape sequences, cut, and what a terminal would show of a line that was written over.
    private static func shown(_ line: String) -> String {
        var text: [Unicode.Scalar] = []
        var isEscape = false
        for scalar in line.unicodeScalars {
            if isEscape {
                isEscape = !(("@"..."Z").contains(scalar) || ("a"..."z").contains(scalar))
            } else if scalar == "\u{1B}" {
                isEscape = true
            } else if scalar == "\r" {
                text.removeAll(keepingCapacity: true)
            } else if scalar.value >= 0x20 || scalar == "\t" {
                text.append(scalar)
            }
            if text.count >= characters { break }
        }
        var shown = String.UnicodeScalarView()
        shown.append(contentsOf: text)
        return String(shown)
    }
}
