import Glibc
import XPMSupervision

/// When services were last active, for the next daemon: a file beside the keeper's socket, for no attempt outlives the boot.
///
/// It is written without a sync: a SIGKILL of xpmd loses nothing of it, and after a power cut nobody needs it.
struct ActivityFile {
    let path: String

    /// Milliseconds of the clock that nobody sets, by attempts.
    func load() -> [AttemptID: Int64] {
        guard let file = fopen(path, "re") else { return [:] }
        defer { fclose(file) }
        var moments: [AttemptID: Int64] = [:]
        var line = [CChar](repeating: 0, count: 64)
        while fgets(&line, Int32(line.count), file) != nil {
            let text = String(decoding: line.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
            let words = text.split(whereSeparator: \.isWhitespace)
            guard words.count == 2, let attempt = UInt64(words[0]), let moment = Int64(words[1]), moment >= 0 else {
                continue
            }
            moments[AttemptID(rawValue: attempt)] = moment
        }
        return moments
    }

    /// Takes the place of what was there; a failure costs no more than a service that sleeps later.
    func save(_ moments: [(attempt: AttemptID, moment: Int64)]) {
        let new = path + ".new"
        guard let file = fopen(new, "we") else { return }
        for (attempt, moment) in moments { fputs("\(attempt.rawValue) \(moment)\n", file) }
        if fclose(file) == 0 { rename(new, path) }
    }
}
