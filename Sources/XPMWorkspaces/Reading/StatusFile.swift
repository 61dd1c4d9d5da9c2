import XPMProtocol

/// What a run's status.json tells.
struct StatusFile {
    /// How far the run is, by experimaestro's word.
    enum Status: String {
        case running, done, failed
    }

    /// nil for a word that is not known.
    var status: Status?
    /// The machine that the run is on.
    var hostname: String?
    var startedAt: Timestamp?
    var endedAt: Timestamp?
    /// Services that are told of in event files from this number on are not in here; nil once everything is.
    var eventsCount: Int?
    var services: [FoundService] = []
    var omissions: [Omission] = []

    /// Files beyond that are not read: 100,000 jobs fit in.
    static let limit = 32 << 20

    /// Whether a status.json tells that the run has ended. What else is in it is not read.
    static func isFinal(_ bytes: [UInt8]) -> Bool {
        let word = JSONMembers(bytes)?.text("status").flatMap(Status.init)
        return word == .done || word == .failed
    }

    /// nil for a file that is not whole: it is being written, or its writer died in the middle.
    init?(_ bytes: [UInt8]) {
        guard let members = JSONMembers(bytes) else { return nil }
        status = members.text("status").flatMap(Status.init)
        hostname = members.text("hostname")
        startedAt = members.text("started_at").flatMap(LocalTime.parse)
        endedAt = members.text("ended_at").flatMap(LocalTime.parse)
        eventsCount = members.integer("events_count").map { Int(clamping: $0) }
        guard let list = members["services"].flatMap(JSONMembers.init) else { return }
        var ids: Set<String> = []
        for (name, value) in list.members {
            guard let id = JSONMembers.text(name) else {
                omissions.append(
                    Omission(
                        "cannot list the service \(String(decoding: name.prefix(200), as: UTF8.self)): it is not text")
                )
                continue
            }
            // The first one counts, as among events. Names are the same in whatever way their letters are composed.
            guard ids.insert(id).inserted else {
                omissions.append(Omission("cannot list the service \(Name.quoted(id)) twice"))
                continue
            }
            guard services.count < FoundService.countLimit else {
                omissions.append(Omission("cannot list more than \(FoundService.countLimit) services of a run"))
                break
            }
            guard let entry = JSONMembers(value) else { continue }
            do throws(Omission) {
                services.append(try FoundService(id: id, entry, size: value.count, classKey: "class"))
            } catch {
                omissions.append(error)
            }
        }
    }
}
