import Glibc
import XPMClient
import XPMProtocol

/// TensorBoard over a folder in which every task has a link named after its tags.
final class TensorBoardService: WebService {
    let id = "tensorboard"
    let link = ServiceLink()
    private let path: Path

    init(path: Path) { self.path = path }

    var run: Run { .template("tensorboard", parameters: ["logdir": .string(path.string)]) }

    func description() -> String { "TensorBoard of \(path)" }

    func stateDict() -> [String: any StateValue] { ["path": path] }

    func setExperiment(_ experiment: Experiment) throws {
        if experiment.runMode == .normal { try makeFolder(path) }
    }

    /// Shows a task's log folder under its tags, `lr=0.1`.
    func add(tags: String, folder: Path) throws {
        let shown = (path / tags).string
        unlink(shown)
        guard symlink(folder.string, shown) == 0 else { throw Failure(doing: "link \(shown)") }
    }
}
