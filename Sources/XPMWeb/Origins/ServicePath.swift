import XPMHTTP

/// `/services/ID/REST` of a target's path, where ID may have two segments.
struct ServicePath: Hashable {
    /// The ids that it may mean, the longer one first.
    var ids: [String]
    /// What stands behind each of them, as it came; empty where nothing does, not even a slash.
    var rests: [String]

    /// Nil for another path, and for one whose encoding is not valid.
    init?(_ path: String) {
        let mark = "/services/"
        guard path.hasPrefix(mark) else { return nil }
        let segments = path.dropFirst(mark.count).split(
            separator: "/", maxSplits: 2, omittingEmptySubsequences: false
        ).map(String.init)
        let names = segments.prefix(2).map(Self.decoded)
        guard case let first?? = names.first, !first.isEmpty else { return nil }
        (ids, rests) = ([], [])
        if case let second?? = names.dropFirst().first, !second.isEmpty {
            ids.append("\(first)/\(second)")
            rests.append(segments.count > 2 ? "/" + segments[2] : "")
        }
        ids.append(first)
        rests.append(segments.count > 1 ? "/" + segments[1...].joined(separator: "/") : "")
    }

    /// A slash within a segment separates nothing, and no name has one.
    private static func decoded(_ segment: String) -> String? {
        var segment = segment
        return segment.withUTF8 { PercentDecoding.text(UnsafeRawBufferPointer($0)) }.flatMap {
            $0.contains("/") ? nil : $0
        }
    }
}
