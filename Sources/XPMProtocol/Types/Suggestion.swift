/// What may have been meant by a word that names nothing.
public enum Suggestion {
    /// The candidates closest to `word`, the closest first and in their own order where they are equally close; empty where
    /// none is close enough to be a slip of the fingers.
    ///
    /// Close is at most a third of the word's letters apart (insertions, deletions, replacements and two letters swapped, as Damerau and
    /// Levenshtein count them), or beginning with the word. Words of more than 128 letters are looked at no further.
    public static func close(to word: String, in candidates: some Sequence<String>, most: Int = 3) -> [String] {
        let letters = Array(word.lowercased())
        guard !letters.isEmpty, letters.count <= longest else { return [] }
        let allowed = max(1, letters.count / 3)
        var found: [(candidate: String, distance: Int)] = []
        for candidate in candidates where candidate != word {
            let other = Array(candidate.lowercased())
            guard other.count <= longest, !found.contains(where: { $0.candidate == candidate }) else { continue }
            if letters.count >= 3, other.starts(with: letters) {
                found.append((candidate, 1))
            } else if abs(other.count - letters.count) <= allowed {
                let distance = distance(letters, other)
                if distance <= allowed { found.append((candidate, distance)) }
            }
        }
        return found.enumerated().sorted { ($0.element.distance, $0.offset) < ($1.element.distance, $1.offset) }
            .prefix(most).map(\.element.candidate)
    }

    private static let longest = 128

    /// The optimal string alignment distance, in three rows.
    private static func distance(_ a: [Character], _ b: [Character]) -> Int {
        var (before, last) = ([Int](), Array(0...b.count))
        for i in 1...a.count {
            var row = [i]
            for j in stride(from: 1, through: b.count, by: 1) {
                var cost = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1))
                if i > 1, j > 1, a[i - 1] == b[j - 2], a[i - 2] == b[j - 1] { cost = min(cost, before[j - 2] + 1) }
                row.append(cost)
            }
            (before, last) = (last, row)
        }
        return last[b.count]
    }
}
