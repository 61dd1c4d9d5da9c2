/// What one check has found: a line for people, an object for programs.
struct Finding: Encodable, Equatable {
    enum Verdict: String, Encodable {
        /// All is well.
        case ok
        /// Something is missing that only some need.
        case note
        /// Something does not work.
        case fault
    }

    /// What was looked at, a word or two.
    var check: String
    var verdict: Verdict
    /// What was found, a phrase.
    var text: String
    /// What to do about it: a command, or what to change.
    var remedy: String?

    static func ok(_ check: String, _ text: String) -> Finding { Finding(check: check, verdict: .ok, text: text) }

    static func note(_ check: String, _ text: String, _ remedy: String? = nil) -> Finding {
        Finding(check: check, verdict: .note, text: text, remedy: remedy)
    }

    static func fault(_ check: String, _ text: String, _ remedy: String? = nil) -> Finding {
        Finding(check: check, verdict: .fault, text: text, remedy: remedy)
    }
}
