import Glibc

/// The strays that nobody wants to hear of, remembered over restarts of the daemon in a file beside the keeper's socket: each
/// is an attempt of one keeper.
struct IgnoredStrays {
    let path: String

    /// What is remembered of a keeper.
    func load(of keeper: KeeperIdentity) -> Set<UInt64> {
        guard let file = fopen(path, "re") else { return [] }
        defer { fclose(file) }
        var ignored: Set<UInt64> = []
        var line = [CChar](repeating: 0, count: 256)
        while fgets(&line, Int32(line.count), file) != nil {
            let text = String(decoding: line.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
            let words = text.split(whereSeparator: \.isWhitespace)
            if words.count == 2, words[0] == keeper.instance, let attempt = UInt64(words[1]) { ignored.insert(attempt) }
        }
        return ignored
    }

    /// Takes the place of what was remembered; a failure costs no more than another hint.
    func save(_ ignored: [UInt64], of keeper: KeeperIdentity) {
        guard !ignored.isEmpty else {
            unlink(path)
            return
        }
        let new = path + ".new"
        guard let file = fopen(new, "we") else { return }
        for attempt in ignored.sorted() { fputs("\(keeper.instance) \(attempt)\n", file) }
        if fclose(file) == 0 { rename(new, path) }
    }
}
