import Glibc
import XPMProtocol

/// What starts have crashed over, in a file of the state folder that is there only while there is something in it.
struct Suspects {
    struct Suspect: Codable, Hashable {
        var item: RecoveryItem
        /// What it was like, to notice that it has changed.
        var print: String
        /// In a row.
        var crashes: Int
    }

    private struct Saved: Codable {
        var version: String
        var suspects: [Suspect]
    }

    private static let sizeLimit = 1 << 20

    private let path: String
    private let version: String
    private(set) var all: [Suspect] = []

    /// The suspects on record; none of another version of xpmd, which may well read what that could not.
    init(folder: String, version: String) {
        (path, self.version) = ("\(folder)/crashed-starts.json", version)
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW)
        guard file >= 0 else { return }
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: Self.sizeLimit)
        let count = max(0, read(file, &bytes, bytes.count))
        guard let saved = try? Wire.decode(Saved.self, from: bytes[..<count]), saved.version == version else { return }
        all = saved.suspects.map { suspect in
            var suspect = suspect
            suspect.crashes = min(max(1, suspect.crashes), 100)
            return suspect
        }
    }

    subscript(item: RecoveryItem) -> Suspect? { all.first { $0.item == item } }

    /// A start has crashed with these in hand: it is another crash in a row for them, and what it came past is cleared, unless it was
    /// left out.
    mutating func crashed(over items: [RecoveryItem]) {
        all = all.filter { items.contains($0.item) || $0.isExcluded }.map { suspect in
            guard items.contains(suspect.item) else { return suspect }
            // The crash may have changed it: what it is like then is what it is left out for.
            return Suspect(item: suspect.item, print: "", crashes: min(suspect.crashes + 1, 100))
        }
        for item in items where self[item] == nil { all.append(Suspect(item: item, print: "", crashes: 1)) }
        save()
    }

    /// What it is like is known.
    mutating func note(_ print: String, of item: RecoveryItem) { change(item) { $0.print = print } }

    /// It is tried once more; one more crash is held against it at once.
    mutating func forgive(_ item: RecoveryItem) { change(item) { $0.crashes = item.mostCrashes - 1 } }

    mutating func removeAll(where isCleared: (Suspect) -> Bool) {
        let before = all.count
        all.removeAll(where: isCleared)
        if all.count != before { save() }
    }

    private mutating func change(_ item: RecoveryItem, _ body: (inout Suspect) -> Void) {
        guard let index = all.firstIndex(where: { $0.item == item }) else { return }
        let before = all[index]
        body(&all[index])
        if all[index] != before { save() }
    }

    private func save() {
        guard !all.isEmpty else {
            unlink(path)
            return
        }
        guard let bytes = try? Wire.encode(Saved(version: version, suspects: all)) else { return }
        try? Bytes.replace(path, with: bytes)
    }
}

extension Suspects.Suspect {
    /// Whether starts do without it.
    var isExcluded: Bool { crashes >= item.mostCrashes }
}
