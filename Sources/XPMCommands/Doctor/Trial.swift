import Glibc
import XPMClient
import XPMProtocol

/// A program that is run to see whether something works, for a limited time and with a limited output.
enum Trial {
    enum Outcome: Equatable {
        /// It ended: its exit code, or 128 and the signal's number, and the first of what it wrote.
        case ended(Int32, String)
        case tookTooLong
        /// There is no such program.
        case missing
    }

    private static let limit = Duration.seconds(10)
    private static let mostBytes = 16 << 10

    /// Runs `words`, found in `PATH`, in the root folder: what lies in the caller's own is not to count.
    static func run(_ words: [String], _ environment: [String: String], within limit: Duration = limit) -> Outcome {
        guard let name = words.first,
            let path = name.contains("/") ? name : Executable.find(name, path: environment["PATH"]),
            var pipe = try? Pipe()
        else { return .missing }
        let child = Spawn(
            path: path, arguments: words, environment: environment, descriptors: [(pipe.writing, 1)],
            files: [("/dev/null", O_RDONLY, 0), ("/dev/null", O_WRONLY, 2)], ownSession: true)
        guard case .success(let process) = child.run() else { return .missing }
        pipe.closeWriting()
        let bytes = pipe.read(within: limit, atMost: mostBytes)
        // One that has not ended would go on; whatever it has started is in its session.
        if bytes.map({ $0.count >= mostBytes }) ?? true { kill(-process, SIGKILL) }
        let code = Spawn.wait(for: process)
        guard let bytes else { return .tookTooLong }
        return .ended(code, String(decoding: bytes, as: UTF8.self))
    }
}
