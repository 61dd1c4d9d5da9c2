import Glibc
import XPMProtocol

/// One thing that a start takes up: should xpmd crash over it, the next start knows what to do without.
struct RecoveryItem: Hashable, Codable, Sendable {
    enum Kind: String, Codable, Sendable {
        case database
        /// What is on record of a service, before it is understood.
        case record
        /// A service: its plan, its attempt, and what it shows of itself.
        case service
        case experiment, template, settings, workspace, log, strays, events

        /// How many crashes in a row, each with this in hand, are held against it. What is in hand for long may be so by chance.
        fileprivate var mostCrashes: Int { self == .workspace ? 3 : 2 }
    }

    var kind: Kind
    /// Which one of its kind.
    var name: String

    /// How many crashes in a row are held against it.
    var mostCrashes: Int { kind.mostCrashes }

    /// For people.
    var text: String {
        switch kind {
        case .database: "the database"
        case .record: "the record of service \(ownName)"
        case .events: "the event log"
        case .strays: "the strays"
        case .settings: "the settings \(name)"
        case .service, .experiment: "\(kind.rawValue) \(ownName)"
        case .template, .workspace, .log: "\(kind.rawValue) \(name)"
        }
    }

    /// Without the key.
    private var ownName: Substring { name.drop { $0 != " " }.dropFirst() }

    /// Whether there is no such thing any more, when a start is over that has asked for it or not.
    func isGone(notAsked: Bool) -> Bool {
        switch kind {
        case .database, .events, .strays: false
        case .record, .service, .experiment, .workspace: notAsked
        case .template, .settings, .log: access(name, F_OK) != 0
        }
    }

    static let database = RecoveryItem(kind: .database, name: "")
    static let strays = RecoveryItem(kind: .strays, name: "")
    static let events = RecoveryItem(kind: .events, name: "")

    /// The key tells services of one id apart.
    static func service(_ key: Int64, _ id: String) -> RecoveryItem {
        RecoveryItem(kind: .service, name: "\(key) \(id)")
    }

    static func record(_ key: Int64, _ id: String) -> RecoveryItem { RecoveryItem(kind: .record, name: "\(key) \(id)") }
    static func experiment(_ key: Int64, _ name: String) -> RecoveryItem {
        RecoveryItem(kind: .experiment, name: "\(key) \(name)")
    }
    static func template(_ path: String) -> RecoveryItem { RecoveryItem(kind: .template, name: path) }
    static func settings(_ path: String) -> RecoveryItem { RecoveryItem(kind: .settings, name: path) }
    static func workspace(_ path: String) -> RecoveryItem { RecoveryItem(kind: .workspace, name: path) }
    static func log(_ path: String) -> RecoveryItem { RecoveryItem(kind: .log, name: path) }
}

extension RecoveryItem {
    /// What a record is like: two that differ have another number, but for one case in 2^64.
    static func print(_ texts: String...) -> String {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for text in texts {
            for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
            hash = (hash ^ 0xff) &* 0x100_0000_01b3
        }
        return String(hash, radix: 16)
    }

    /// What a file is like, as far as the kernel tells.
    static func print(ofFile path: String) -> String {
        var status = stat()
        guard stat(path, &status) == 0 else { return "none" }
        return "\(status.st_dev) \(status.st_ino) \(status.st_size) \(status.st_ctim.tv_sec).\(status.st_ctim.tv_nsec)"
    }

    /// The size of a file, and when it was last written to.
    static func age(ofFile path: String) -> String {
        var status = stat()
        _ = stat(path, &status)
        return "\(status.st_size) \(status.st_mtim.tv_sec)"
    }
}
