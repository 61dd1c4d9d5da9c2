/// What a run's environment.json tells of its end. It has no word of the interpreter.
enum EnvironmentFile {
    /// With the packages of the whole environment it has some kilobytes.
    static let limit = 4 << 20

    /// Whether the experiment's process let go of the run and left its jobs to themselves.
    static func isDetached(_ bytes: [UInt8]) -> Bool {
        JSONMembers(bytes)?["run"].flatMap(JSONMembers.init)?.text("status") == "detached"
    }
}
