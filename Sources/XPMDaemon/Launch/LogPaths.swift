import Glibc
import XPMProtocol

/// The two log files of a service: `logs/EXPERIMENT/RUN/ID.KEY.out` and `.err` below the state folder, or those of its policy.
///
/// Beside each stand, once it has grown, its time index (`.idx`), and once it was rotated its state (`.state`) and the
/// rotated files (`.1`, `.2`, …, the oldest is the lowest). The key sets apart services of the same name in different workspaces.
struct LogPaths: Hashable, Codable {
    var stdout: String
    var stderr: String

    /// Files that are there already.
    init(stdout: String, stderr: String) {
        self.stdout = stdout
        self.stderr = stderr
    }

    /// In place of a file: nothing is kept.
    static let discarded = "/dev/null"

    /// Whether all output is.
    var isDiscarded: Bool { files.isEmpty }

    /// The paths at which there are files.
    var files: [String] { [stdout, stderr].filter { $0 != Self.discarded } }

    init(stateFolder: String, identity: ServiceIdentity, key: Int64) {
        let stem = "\(stateFolder)/logs/\(identity.run.experiment)/\(identity.run.run)/\(identity.id).\(key)"
        stdout = stem + ".out"
        stderr = stem + ".err"
    }

    /// The same, with the files that a policy names in their places.
    func replaced(by plan: LogPlan) -> LogPaths {
        var paths = self
        paths.stdout = plan.stdout ?? stdout
        paths.stderr = plan.stderr ?? stderr
        return paths
    }

    /// Makes folders (0700) and files (0600) where they are missing; returns the offset behind what each log holds already.
    /// May block.
    func prepare() throws(LogFault) -> (stdout: Int64, stderr: Int64) {
        (try end(preparing: stdout), try end(preparing: stderr))
    }

    private func end(preparing file: String) throws(LogFault) -> Int64 {
        guard file != Self.discarded else { return 0 }
        Trail.at(file)
        for index in file.indices.dropFirst() where file[index] == "/" {
            let folder = String(file[..<index])
            guard mkdir(folder, 0o700) == 0 || errno == EEXIST else { throw LogFault(.write, path: folder) }
        }
        close(try RegularFile.open(file, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW, to: .write))
        return try LogFile.end(file)
    }
}
