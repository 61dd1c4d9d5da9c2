import XPMProtocol

/// The services that a command still waits for, and what was last heard of them.
struct AwaitedServices {
    private var members: [Member]
    private var records: [Int: ServiceRecord] = [:]
    /// How many seconds one waits until the next line of a service where no line is drawn.
    private var pauses: [Int: Double] = [:]

    init(_ members: [Member]) { self.members = members }

    var isEmpty: Bool { members.isEmpty }
    var services: [ServiceReference] { members.map(\.service) }

    mutating func note(_ record: ServiceRecord?, of member: Member) { records[member.index] = record }

    func pause(of member: Member) -> Double { pauses[member.index] ?? Self.firstPause }

    /// A line for who has no terminal, if there is something that one should not wait for in silence: it fails again and again, or
    /// has asked for more time. Each time it is longer until the next look.
    mutating func news(of member: Member, now: Timestamp) -> String? {
        pauses[member.index] = min(pause(of: member) * 2, Self.longestPause)
        guard let record = records[member.index], record.retry != nil || record.deadline != nil else { return nil }
        let reasons = [record.awaited(now: now).map { "waiting for \($0)" }] + record.retrial(now: now)
        return "\(member.service): " + ([record.state.rawValue] + reasons.compactMap(\.self)).joined(separator: ", ")
    }

    private static let firstPause = 2.0
    private static let longestPause = 60.0

    mutating func remove(_ member: Member) { members.removeAll { $0 == member } }

    /// One line for people: `5s  web: STARTING, waiting for its page; db: STARTING`. Ids will do where no two are the same.
    func text(seconds: Int64, now: Timestamp) -> String {
        let isUnique = Set(members.map(\.service.id)).count == members.count
        let parts = members.map { member in
            let name = isUnique ? member.service.id : member.service.description
            guard let record = records[member.index] else { return "\(name): waiting" }
            let reasons = [record.awaited(now: now).map { "waiting for \($0)" }] + record.retrial(now: now)
            return "\(name): " + ([record.state.rawValue] + reasons.compactMap(\.self)).joined(separator: ", ")
        }
        return "\(Age.text(seconds: seconds))  \(parts.joined(separator: "; "))"
    }
}

extension ServiceRecord {
    /// Why it is started again, and when.
    fileprivate func retrial(now: Timestamp) -> [String?] {
        retry.map { [error ?? lastFailure?.error, $0.text(now: now)] } ?? []
    }
}

extension [ServiceReference] {
    /// `a is`, `a and b are`, `a, b and c are`, by the forms of a verb. Of many only the number.
    func sentence(_ singular: String, _ plural: String) -> String {
        guard count > 1 else { return "\(first.map(\.description) ?? "") \(singular)" }
        guard count <= 4 else { return "\(count) services \(plural)" }
        return "\(dropLast().map(\.description).joined(separator: ", ")) and \(self[count - 1]) \(plural)"
    }

    /// As they are typed at a shell.
    var typed: String { map { ShellWord.quoted($0.description) }.joined(separator: " ") }
}
