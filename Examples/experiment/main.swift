// A whole experiment in Swift: two tiny tasks with different learning rates, watched by a TensorBoard that goes on when the
// experiment has ended. Usage: example-experiment WORKSPACE

import Glibc
import XPMClient
import XPMProtocol

guard CommandLine.arguments.count == 2 else {
    fail("usage: example-experiment WORKSPACE", code: 64)
}
if mkdir(CommandLine.arguments[1], 0o777) != 0 && errno != EEXIST {
    fail("example-experiment: \(Failure(doing: "make the workspace \(CommandLine.arguments[1])"))")
}
guard let folder = realpath(CommandLine.arguments[1], nil) else {
    fail("example-experiment: \(Failure(doing: "find the workspace \(CommandLine.arguments[1])"))")
}

do {
    let experiment = try await Experiment.open(workspace: Path(String(cString: folder)), name: "example")
    let board = try await experiment.addService(TensorBoardService(path: experiment.workdir / "runs"))
    board.addListener { service, state in print("\(service.id) is \(state.rawValue)") }

    for rate in [0.1, 0.2] {
        let logs = experiment.workdir / "jobs" / "learner-\(rate)"
        try makeFolder(logs)
        try board.add(tags: "lr=\(rate)", folder: logs)
        let curve = try EventFile(in: logs)
        for step in 0..<20 {
            try curve.add("loss", Float(1 / (1 + rate * Double(step))), step: step)
        }
    }

    print(try await board.getURL(timeout: .seconds(60)))
    try await experiment.close()
} catch {
    fail("example-experiment: \(error)")
}
