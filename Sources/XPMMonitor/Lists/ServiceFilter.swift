import XPMClient
import XPMProtocol

/// Which services a list shows: those for which everything that is given holds.
struct ServiceFilter: Hashable, Sendable {
    /// All services of one run, or where nil what is not stopped of all runs.
    var run: RunIdentity?
    /// What is typed at `/`.
    var text = ""
    /// Only those in this state.
    var state: ServiceState?

    func shows(_ service: MirroredService) -> Bool {
        isInScope(service) && (state.map { $0 == service.record.state } ?? true) && matchesText(service)
    }

    /// Whether it is of this list at all, whatever is typed.
    func isInScope(_ service: MirroredService) -> Bool {
        if let run { return service.record.identity.run == run }
        return service.record.state != .stopped
    }

    private func matchesText(_ service: MirroredService) -> Bool {
        guard !text.isEmpty else { return true }
        let record = service.record
        return FuzzyFilter.matches(
            text, "\(record.identity.fullName) \(record.description) \(record.state.rawValue) \(record.url ?? "")")
    }
}

/// What is typed to find something: words, all of which have to be there, each with its characters in order; `!` before a word turns it
/// around, and such a word has to be absent as it stands.
enum FuzzyFilter {
    static func matches(_ typed: String, _ text: String) -> Bool {
        let text = Array(text.lowercased().utf8)
        return typed.lowercased().split(separator: " ").allSatisfy { word in
            if word.first == "!" {
                let word = Array(word.dropFirst().utf8)
                return word.isEmpty || !contains(text, word)
            }
            return inOrder(Array(word.utf8), text)
        }
    }

    private static func inOrder(_ word: [UInt8], _ text: [UInt8]) -> Bool {
        var place = 0
        for byte in text where byte == word[place] {
            place += 1
            if place == word.count { return true }
        }
        return word.isEmpty
    }

    private static func contains(_ text: [UInt8], _ word: [UInt8]) -> Bool {
        guard text.count >= word.count else { return false }
        return (0...(text.count - word.count)).contains { text[$0...].starts(with: word) }
    }
}
