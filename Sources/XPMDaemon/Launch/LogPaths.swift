import Glibc
import XPMLogs
import XPMProtocol

/// The two log files of a service: `logs/EXPERIMENT/RUN/ID.KEY.out` and `.err` below the state folder, or those of its policy.
///
/// Beside each stand the times of its lines (`.times`) and, once it was rotated, its older files (`.1`, `.2`, …, the oldest is the lowest).
/// The key sets apart services of the same name in different workspaces.
struct LogPaths: Hashable, Codable {
    var stdout: String
    var stderr: String

    /// Files that are there already.
    init(stdout: String, stderr: String) {
        self.stdout = stdout
        self.stderr = stderr
    }

    /// The variables in which a service that writes into pipes finds the paths of its logs.
    static let (stdoutName, stderrName) = ("XPM_LOG_STDOUT", "XPM_LOG_STDERR")

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

    /// The same, with the files that a policy names in their places. A terminal has one log.
    func replaced(by plan: LogPlan) -> LogPaths {
        var paths = self
        paths.stdout = plan.stdout ?? stdout
        paths.stderr = plan.terminal == nil ? plan.stderr ?? stderr : paths.stdout
        return paths
    }

    /// Makes folders (0700) where they are missing, and sees that the files can be written, or made where they are not there; returns the
    /// offset behind what each log holds already. A file is made by who writes it. May block.
    func prepare() throws(LogFault) -> (stdout: Int64, stderr: Int64) {
        try makeFolders()
        for file in files {
            Trail.at(file)
            if let descriptor = try RegularFile.open(ifPresent: file, O_WRONLY | O_APPEND | O_NOFOLLOW, to: .write) {
                close(descriptor)
            } else if access(Self.folder(of: file), W_OK | X_OK) != 0 {
                throw LogFault(.write, path: file)
            }
        }
        do throws(LogReadError) {
            let ends = try reader.ends()
            return (Int64(clamping: ends[.stdout] ?? 0), Int64(clamping: ends[.stderr] ?? ends[.stdout] ?? 0))
        } catch {
            throw LogFault(error, path: files.first ?? stdout)
        }
    }

    /// Makes the folders of the files where they are missing, 0700. May block.
    func makeFolders() throws(LogFault) {
        for file in files {
            Trail.at(file)
            for index in file.indices.dropFirst() where file[index] == "/" {
                let folder = String(file[..<index])
                guard mkdir(folder, 0o700) == 0 || errno == EEXIST else { throw LogFault(.write, path: folder) }
            }
        }
    }

    private static func folder(of file: String) -> String {
        String(file[..<(file.lastIndex(of: "/") ?? file.startIndex)])
    }
}
