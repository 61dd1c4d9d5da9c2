import XPMClient
import XPMProtocol

/// Which stray somebody means.
enum Strays {
    /// By the pid of one of its processes, by the full name of the service that it was started for, or by that service's id.
    static func find(_ word: String, in strays: [StrayRecord]) throws(WireError) -> StrayRecord {
        let pid = Int32(word)
        let found = strays.filter { stray in
            if let pid { return stray.pid == pid || stray.processes?.contains(pid) == true }
            return stray.service.map { $0.fullName == word || $0.id == word } ?? false
        }
        guard let stray = found.first else {
            throw WireError(
                .notFound, "cannot find a stray \(Name.quoted(word))", data: ["stray": .string(word)])
        }
        guard found.count == 1 else {
            throw WireError(
                .ambiguous,
                "cannot tell which stray \(Name.quoted(word)) means: \(found.map(StrayTable.name).joined(separator: ", "))",
                data: ["stray": .string(word)])
        }
        return stray
    }
}
