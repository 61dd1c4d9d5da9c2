/// The name of a file of live events, `EXPERIMENT-N.jsonl`.
struct EventFileName: Hashable {
    var experiment: String
    var number: Int

    /// `exp-b-0.jsonl` belongs to `exp-b`, and never to `exp`.
    init?(_ name: String) {
        let suffix = ".jsonl"
        guard name.hasSuffix(suffix), let dash = name.lastIndex(of: "-"), dash > name.startIndex else { return nil }
        let digits = name[name.index(after: dash)...].dropLast(suffix.count)
        guard !digits.isEmpty, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int(digits) else {
            return nil
        }
        experiment = String(name[..<dash])
        self.number = number
    }
}
