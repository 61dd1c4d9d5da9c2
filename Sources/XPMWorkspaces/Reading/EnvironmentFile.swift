/// What a run's environment.json tells of its end. It has no word of the interpreter.
enum EnvironmentFile {
    /// With the packages of the whole environment it has some kilobytes.
    static let limit = 4 << 20

    /// Whether the experiment's process let go of the run and left its jobs to themselves; nil for a file that is not whole.
    static func isDetached(_ bytes: [UInt8]) -> Bool? {
        guard let members = JSONMembers(bytes) else { return nil }
        return members["run"].flatMap(JSONMembers.init)?.text("status") == "detached"
    }
}
