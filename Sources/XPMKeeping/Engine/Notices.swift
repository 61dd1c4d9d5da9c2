/// What an attempt said of itself, for who listens later: the last line of each variable that is not of the moment alone
/// (sd_notify(3)).
struct Notices {
    struct Notice: Equatable {
        let variable: Substring
        let line: String
        let pid: Int32
    }

    /// In the order in which they were said.
    private(set) var latest: [Notice] = []

    /// The variable that says why an attempt is about to fail.
    static let error: Substring = "X_XPM_ERROR"

    private static let lasting: Set<Substring> = [
        "READY", "STATUS", "STOPPING", "MAINPID", "X_XPM_URL", error, "ERRNO",
    ]

    mutating func add(_ text: String, from pid: Int32) {
        for line in text.split(separator: "\n") {
            guard let end = line.firstIndex(of: "="), Self.lasting.contains(line[..<end]) else { continue }
            let notice = Notice(variable: line[..<end], line: String(line), pid: pid)
            latest.removeAll { $0.variable == notice.variable }
            latest.append(notice)
        }
    }
}
