/// What is wrong with a template, and where in its file.
struct TemplateFault: Error {
    /// The key with the tables around it, `readiness.log.pattern`; empty for the whole file.
    let key: String
    let cause: String

    init(_ key: String, _ cause: String) {
        self.key = key
        self.cause = cause
    }
}
