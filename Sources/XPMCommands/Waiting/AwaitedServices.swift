import XPMProtocol

/// The services that a command still waits for, and what was last heard of them.
struct AwaitedServices {
    private var members: [Member]
    private var records: [Int: ServiceRecord] = [:]

    init(_ members: [Member]) { self.members = members }

    var isEmpty: Bool { members.isEmpty }
    var services: [ServiceReference] { members.map(\.service) }

    mutating func note(_ record: ServiceRecord?, of member: Member) { records[member.index] = record }

    mutating func remove(_ member: Member) { members.removeAll { $0 == member } }

    /// One line for people: `5s  web: STARTING, waiting for its page; db: STARTING`. Ids will do where no two are the same.
    func text(seconds: Int64, now: Timestamp) -> String {
        let isUnique = Set(members.map(\.service.id)).count == members.count
        let parts = members.map { member in
            let name = isUnique ? member.service.id : member.service.description
            guard let record = records[member.index] else { return "\(name): waiting" }
            let reasons = [record.waitingFor.map { "waiting for \($0)" }, record.retry?.text(now: now)]
            return "\(name): " + ([record.state.rawValue] + reasons.compactMap(\.self)).joined(separator: ", ")
        }
        return "\(Age.text(seconds: seconds))  \(parts.joined(separator: "; "))"
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
